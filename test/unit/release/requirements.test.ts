import { describe, expect, it } from 'vitest';
import {
  judgeRelease,
  parseModelCard,
  type ReleaseParts,
  releasePolicy,
  spdxIdOf,
} from '../../../protocols/release/index.ts';
import { RELEASE_POLICY } from '../../support/release-policy.ts';
import { DATA_DESCRIPTION, MODEL_CARD } from '../../support/release-texts.ts';

const WHOLE: ReleaseParts = {
  filled: new Set(['README.md', 'DATA.md', 'LICENSE', 'scripts/train.py']),
  card: MODEL_CARD,
  dataDescription: DATA_DESCRIPTION,
  model: { ok: true, parameters: 8_000_000_000, modelType: 'llama' },
  licence: null,
  frontierParameters: 400_000_000_000,
  weights: 'finite',
};

function codes(change: Partial<ReleaseParts>): string[] {
  return judgeRelease({ ...WHOLE, ...change }, RELEASE_POLICY).flatMap((each) =>
    each.state === 'met' ? [] : [`${each.clause.slice('17-releases '.length)} ${each.state} ${each.code}`],
  );
}
const without = (path: string) => ({ filled: new Set([...WHOLE.filled].filter((each) => each !== path)) });
const model = (parameters: number): Partial<ReleaseParts> => ({
  model: { ok: true, parameters, modelType: 'llama' },
});

describe('judgeRelease', () => {
  it('finds nothing to mend in a whole release', () => {
    expect(codes({})).toEqual([]);
  });

  const cases: readonly (readonly [
    what: string,
    change: Partial<ReleaseParts>,
    expected: readonly string[],
  ])[] = [
    [
      'a pickle',
      { model: { ok: false, reason: 'pickle', detail: 'x' } },
      ['§2.1 failed pickle', '§2.9 open ratio-unknown'],
    ],
    ['a NaN', { weights: { notFinite: 'x' } }, ['§2.2 failed weights-not-finite']],
    ['weights nobody read', { weights: 'unread' }, ['§2.2 open weights-unread']],
    [
      'no card',
      { card: null },
      ['§2.3 failed card-missing', '§2.4 failed heading-missing', '§2.7 failed licence-missing'],
    ],
    [
      'no metadata',
      { card: MODEL_CARD.slice(4) },
      ['§2.3 failed card-metadata-missing', '§2.4 failed heading-missing', '§2.7 failed licence-missing'],
    ],
    [
      'metadata that is no YAML',
      { card: MODEL_CARD.replace('tags: [analog]', 'tags: [') },
      ['§2.3 failed card-metadata-invalid', '§2.4 failed heading-missing', '§2.7 failed licence-missing'],
    ],
    [
      'a template nobody filled',
      { card: MODEL_CARD.replace('Distilled.', '[More Information Needed]') },
      ['§2.4 failed heading-missing'],
    ],
    [
      'a comment under the heading',
      { card: MODEL_CARD.replace('Distilled.', '<!-- say how -->') },
      ['§2.4 failed heading-missing'],
    ],
    [
      'a heading in a code block',
      { card: MODEL_CARD.replace('## Architecture', '```\n## Architecture\n```') },
      ['§2.4 failed heading-missing'],
    ],
    ['no data description', { dataDescription: null }, ['§2.5 failed heading-missing']],
    [
      'no known limits',
      { dataDescription: DATA_DESCRIPTION.replace('## Known limits', 'so') },
      ['§2.5 failed heading-missing'],
    ],
    ['no scripts', without('scripts/train.py'), ['§2.6 failed scripts-missing']],
    [
      'no licence',
      { card: MODEL_CARD.replace('license: apache-2.0', 'language: en') },
      ['§2.7 failed licence-missing'],
    ],
    [
      'a licence of one’s own',
      { card: MODEL_CARD.replace('apache-2.0', 'other') },
      ['§2.7 failed licence-unknown'],
    ],
    [
      'a licence that is not permitted',
      { card: MODEL_CARD.replace('apache-2.0', 'cc-by-nc-4.0') },
      ['§2.7 failed licence-not-permitted'],
    ],
    ['two licences', { licence: 'MIT' }, ['§2.7 failed licence-differs']],
    ['no licence file', without('LICENSE'), ['§2.8 failed licence-file-missing']],
    ['an unknown frontier', { frontierParameters: null }, ['§2.9 open ratio-unknown']],
    ['the smallest', model(2_000_000_000), []],
    ['one below', model(1_999_999_999), ['§2.9 failed ratio-below']],
    ['the largest', model(20_000_000_000), []],
    ['one above', model(20_000_000_001), ['§2.9 failed ratio-above']],
  ];
  it.each(cases)('%s', (_what, change, expected) => {
    expect(codes(change)).toEqual(expected);
  });

  it('asks for the parts of the policy alone', () => {
    const bare = { ...WHOLE, filled: new Set<string>(), card: null, dataDescription: null, licence: 'MIT' };
    const judged = judgeRelease(bare, { ...RELEASE_POLICY, parts: [] });
    expect(judged.filter(({ state }) => state !== 'met')).toEqual([]);
    expect(judgeRelease(bare, RELEASE_POLICY).filter(({ state }) => state === 'failed')).toHaveLength(5);
  });

  it('tells of each failure what to do', () => {
    const empty = { ...WHOLE, ...without('LICENSE'), card: null, dataDescription: null };
    for (const each of judgeRelease(empty, RELEASE_POLICY))
      if (each.state !== 'met') expect(each.cure.length).toBeGreaterThan(10);
  });
});

describe('model cards', () => {
  it('do not expand aliases', () => {
    const bomb = `---\na: &a [x, x, x]\nlicense: mit\ntags: *a\n---\n`;
    expect(parseModelCard(bomb)).toMatchObject({ ok: false, reason: 'card-metadata-invalid' });
  });

  it('take no name twice, and no types of their own', () => {
    expect(parseModelCard('---\nlicense: mit\nlicense: apache-2.0\n---\n')).toMatchObject({ ok: false });
    const proto = parseModelCard('---\nlicense: mit\n__proto__: {x: 1}\n---\n');
    expect(proto).toMatchObject({ ok: true });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('with Windows line ends are read', () => {
    expect(parseModelCard(MODEL_CARD.replaceAll('\n', '\r\n'))).toMatchObject({
      ok: true,
      value: { metadata: { license: 'apache-2.0' } },
    });
  });
});

describe('policies', () => {
  it('name licences as SPDX does', () => {
    expect(spdxIdOf('apache-2.0')).toBe('Apache-2.0');
    expect(spdxIdOf('constructor')).toBeNull();
    expect(releasePolicy.safeParse(RELEASE_POLICY).success).toBe(true);
    expect(releasePolicy.safeParse({ ...RELEASE_POLICY, licences: ['apache-2.0'] }).success).toBe(false);
  });
});
