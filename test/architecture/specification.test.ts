import { describe, expect, it } from 'vitest';
import { AUDIT_CODES, CHECKS, SOURCE_FAULTS } from '../../protocols/audit/index.ts';
import { ERROR_CODES } from '../../protocols/base/errors.ts';
import * as limits from '../../protocols/base/limits.ts';
import { EVENT_TYPES } from '../../protocols/events/index.ts';
import { KINDS, OUTCOMES, ROLES } from '../../protocols/kinds/index.ts';
import { OPEN_REFUSALS } from '../../protocols/message/index.ts';
import { DISCOUNT_SENTENCES } from '../../protocols/record/index.ts';
import { REASON_CODES } from '../../protocols/verdict/index.ts';
import { topicOf } from '../../services/network/libp2p/gossip.ts';
import { subjectsOf } from '../../services/network/nats/subjects.ts';
import { citationsIn, clausesOf, codesInTable, section } from './clauses.ts';
import { filesMatching, sourcesUnder } from './files.ts';

const documents = new Map(
  filesMatching('protocols/spec/*.md').map(({ path, text }) => [path.slice(15, -3), text]),
);
const spec = (name: string): string => documents.get(name) ?? '';

describe('clauses', () => {
  it('that are cited exist', () => {
    const clauses = new Map([...documents].map(([name, text]) => [name, clausesOf(text)]));
    const sources = ['protocols', 'services', 'test', 'deploy'].flatMap(sourcesUnder);
    const texts = [...sources, ...filesMatching('protocols/**/*.md'), ...filesMatching('services/**/*.md')];
    const cited = texts
      .filter(({ path }) => !path.startsWith('test/architecture/'))
      .flatMap(({ path, text }) => citationsIn(text).map((citation) => ({ path, ...citation })));
    expect(cited.length).toBeGreaterThan(80);
    expect(cited.filter(({ document, clause }) => !clauses.get(document)?.has(clause))).toEqual([]);
  });

  it('are found where they stand, and nowhere else', () => {
    expect([...clausesOf('## 2. Rule\n\n2.1 Complete.\n| §3 | x |\n| 3.1 | y |\n12 eggs\n')]).toEqual([
      '2',
      '2.1',
      '3',
      '3.1',
    ]);
    expect(citationsIn('see spec 06-charter §1 to §3, then 05-message §5.4: done')).toEqual([
      { document: '06-charter', clause: '1' },
      { document: '06-charter', clause: '3' },
      { document: '05-message', clause: '5.4' },
    ]);
  });

  it('are in documents that protocols/README.md lists', () => {
    const readme = filesMatching('protocols/README.md')[0]?.text ?? '';
    const listed = [...readme.matchAll(/\(spec\/([a-z0-9-]+)\.md\)/g)].map((match) => match[1]);
    expect(listed).toEqual([...documents.keys()]);
  });
});

describe('the documents and the code name the same', () => {
  it('limits, with their values and clauses', () => {
    const rows = [...spec('01-limits').matchAll(/^\| §(\d+) \| `([A-Z0-9_]+)` \| (\d+) \|/gm)];
    const written = rows.map(([, clause, name, value]) => [name, { clause, value: Number(value) }]);
    const source = filesMatching('protocols/base/limits.ts')[0]?.text ?? '';
    const coded = [
      ...source.matchAll(/spec 01-limits §(\d+)[^\n]*\nexport const ([A-Z0-9_]+) = ([\d_]+);/g),
    ].map(([, clause, name, value]) => [name, { clause, value: Number(value?.replaceAll('_', '')) }]);
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(coded));
    expect(coded.map(([name]) => name).sort()).toEqual(Object.keys(limits).sort());
  });

  it('error codes', () => {
    expect(codesInTable(spec('02-errors')).sort()).toEqual([...ERROR_CODES].sort());
  });

  it('refusals of a message, in the order of the checks', () => {
    expect(codesInTable(section(spec('05-message'), 5), 1)).toEqual([...OPEN_REFUSALS]);
  });

  it('kinds, and who may publish them', () => {
    expect(codesInTable(section(spec('05-message'), 7))).toEqual(Object.keys(KINDS));
    const rows = section(spec('06-charter'), 4).matchAll(/^\| `([a-z-]+\/\d)` \| (.+) \|$/gm);
    const written = [...rows].map(([, kind, roles]) => [
      kind,
      roles === 'every member' ? [...ROLES] : roles?.replaceAll('`', '').split(', '),
    ]);
    const coded = Object.entries(KINDS).map(([kind, { publishers }]) => [kind, [...publishers]]);
    expect(written).toEqual(coded);
  });

  it('roles', () => {
    const line = /^1\.4 `roles`: (.+)\.$/m.exec(spec('06-charter'))?.[1] ?? '';
    expect(line.replaceAll('`', '').split(', ')).toEqual([...ROLES]);
  });

  it('reasons of a verdict', () => {
    expect(codesInTable(section(spec('07-verdict'), 3))).toEqual([...REASON_CODES]);
  });

  it('outcomes of a verdict', () => {
    for (const outcome of OUTCOMES) expect(section(spec('07-verdict'), 2)).toContain(`\`${outcome}\``);
  });

  it('discounts of a verdict', () => {
    expect(codesInTable(section(spec('08-record'), 5), 1).sort()).toEqual(
      Object.keys(DISCOUNT_SENTENCES).sort(),
    );
  });

  it('checks and codes of an audit, and how grave they are', () => {
    const rows = [...section(spec('16-audit'), 3).matchAll(/^\| `([a-z-]+)` \| (broken|unchecked) \|/gm)];
    expect(Object.fromEntries(rows.map(([, code, state]) => [code, state]))).toEqual(AUDIT_CODES);
    const checks = [...section(spec('16-audit'), 2).matchAll(/^2\.\d+ `([a-z]+)`/gm)];
    expect(checks.map(([, check]) => check).sort()).toEqual([...CHECKS].sort());
    for (const fault of SOURCE_FAULTS) expect(section(spec('16-audit'), 1)).toContain(`\`${fault}\``);
  });

  it('events', () => {
    expect(codesInTable(section(spec('09-events'), 3))).toEqual([...EVENT_TYPES]);
    for (const type of EVENT_TYPES) expect(section(spec('09-events'), 2)).toContain(`\`${type}\``);
  });

  it('NATS names', () => {
    const names = subjectsOf('FEDERATION');
    const coded = [
      names.message('KIND', 'AUTHOR'),
      names.stream,
      names.durable('MEMBER'),
      names.presence,
      names.sync('MEMBER'),
      names.event('MEMBER', 'TYPE'),
    ].map((name) => name.replace(/FEDERATION|KIND|AUTHOR|MEMBER|TYPE/g, (word) => `<${word.toLowerCase()}>`));
    expect(codesInTable(section(spec('11-network'), 5))).toEqual(coded);
  });

  it('libp2p topics and protocols', () => {
    const literals = sourcesUnder('services').flatMap(({ text }) =>
      [...text.matchAll(/'(\/oversight\/[a-z0-9-]+\/\d+)'/g)].map((match) => match[1]),
    );
    const written = [...spec('11-network').matchAll(/`(\/oversight\/[a-z-]+\/\d+)`/g)].map(
      (match) => match[1],
    );
    expect([...new Set(written)].sort()).toEqual([...new Set(literals)].sort());
    expect(topicOf('FEDERATION')).toBe('/oversight/FEDERATION/1');
    expect(section(spec('11-network'), 3)).toContain('`/oversight/` federation id `/1`');
  });

  it('options of the command', () => {
    const coded = sourcesUnder('services/cli').flatMap(({ text }) =>
      [...text.matchAll(/\b(?:option|requiredOption|Option)\(\s*['"`]([^'"`]+)['"`]/g)].flatMap((match) =>
        [...(match[1] as string).matchAll(/--[a-z][a-z0-9-]*/g)].map(([flag]) => flag),
      ),
    );
    const readme = filesMatching('services/cli/README.md')[0]?.text ?? '';
    const written = [...readme.matchAll(/--[a-z][a-z0-9-]*/g)].map(([flag]) => flag);
    const builtIn = new Set(['--help', '--version']);
    const distinct = (flags: readonly string[]) =>
      [...new Set(flags)].filter((flag) => !builtIn.has(flag)).sort();
    expect(distinct(written)).toEqual(distinct(coded));
  });

  it('examples: every name spelled out in full is in a vector', () => {
    const vectors = filesMatching('protocols/vectors/*.json')
      .map(({ text }) => text)
      .join('\n');
    const names = [...documents.values()].flatMap((text) => text.match(/\bbafy[a-z2-7]{55}\b/g) ?? []);
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) expect(vectors).toContain(name);
  });
});
