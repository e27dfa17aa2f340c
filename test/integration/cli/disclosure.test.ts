import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { CHARTER_POLICY } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { agree, foundHomes, LiveNode } from '../../support/homes.ts';
import { analogNotice, frontierModel, frontierNotice } from '../../support/oversight/model-case.ts';
import { ANALOG_PARAMETERS, releaseFolder } from '../../support/release-folder.ts';
import { runCli } from '../../support/run-cli.ts';
import { until } from '../../support/until.ts';

const SIZE = '/model/parameters';
const DATA = '/training';
/** Either witness is enough; neither vouches for itself. */
const POLICY = {
  ...CHARTER_POLICY,
  witness: {
    outside: [],
    groups: [{ name: 'any', threshold: 1, members: ['example-academy', 'example-regulator'] }],
    quorum: 'any',
  },
};

const openAnswer = z.object({
  fields: z.array(
    z.object({
      field: z.string(),
      reason: z.string(),
      commitment: z.string(),
      state: z.string(),
      value: z.unknown().optional(),
    }),
  ),
});
const clauseAnswer = z.object({ clauses: z.array(z.object({ clause: z.string(), state: z.string() })) });

async function jsonOf<T>(
  schema: z.ZodType<T>,
  ...args: string[]
): Promise<T & { readonly status: number | null }> {
  const { status, stdout, stderr } = await runCli([...args, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { ...schema.parse(JSON.parse(stdout)), status };
}

describe('a sealed notice', () => {
  test('from the lab’s desk to the regulator’s determination, and at last to all', async () => {
    const folder = await freshFolder();
    const homes = await foundHomes(
      folder,
      [
        { name: 'example-lab' },
        { name: 'example-academy', witness: true },
        { name: 'example-regulator', witness: true },
      ],
      POLICY,
    );
    const nodes = await Promise.all(Object.values(homes).map((home) => LiveNode.start(home)));
    const [lab, , regulator] = nodes as [LiveNode, LiveNode, LiveNode];
    await until(() => lab.node.status().ownFeed.state === 'confirmed', { what: 'the lab may speak' });
    const {
      'example-lab': labHome = '',
      'example-academy': academyHome = '',
      'example-regulator': home = '',
    } = homes;

    // the lab withholds, and keeps what opens it where only it can read
    const notice = join(folder, 'notice.json');
    const out = join(folder, 'sealed.json');
    await writeFile(notice, JSON.stringify(frontierNotice()));
    const withholding = ['withhold', notice, '--kind', 'frontier-release', '--field', SIZE, DATA, '--reason'];
    const made = await runCli([
      ...withholding,
      'trade-secret',
      '--until',
      '2036-12-31',
      '--out',
      out,
      '--home',
      labHome,
    ]);
    expect(made).toMatchObject({ status: 0, stdout: expect.stringContaining('example-regulator') });
    const kept = await readdir(join(labHome, 'withheld'));
    expect(kept).toHaveLength(2);
    for (const name of kept) expect((await stat(join(labHome, 'withheld', name))).mode & 0o777).toBe(0o600);
    const body = JSON.parse(await readFile(out, 'utf8')) as PlainObject;
    expect(JSON.stringify(body)).not.toContain(String(frontierModel.parameters));
    const release = await lab.publish('frontier-release/1', body);
    const analog = await lab.publish('analog-release/1', {
      frontier: release,
      ...analogNotice(),
      model: { name: 'analog', version: '1', modelType: 'llama', parameters: ANALOG_PARAMETERS },
      checkpoint: await lab.add(await releaseFolder()),
    });
    const seen = () => Promise.all(nodes.map((node) => statementsSeen(node, release, analog)));
    await until(async () => !(await seen()).flat().includes(null), {
      timeoutMs: 60_000,
      what: 'established on every node',
    });

    // everyone sees how many fields are withheld and why, and that the ratio cannot be known
    const report = (await (await fetch(`${regulator.node.url}/oversight/${release}`)).json()) as PlainObject;
    expect(report['withheld']).toMatchObject([
      { field: SIZE, reason: 'trade-secret', retainedUntil: '2036-12-31', openedBy: null },
      { field: DATA, reason: 'trade-secret', openedBy: null },
    ]);
    const ratio = async () => {
      const { clauses } = await jsonOf(clauseAnswer, 'assess', release, '--home', home);
      return clauses.find(({ clause }) => clause === 'M6')?.state;
    };
    expect(await ratio()).toBe('cannot-be-known');

    // the regulator opens both, the academy neither
    const opened = await jsonOf(openAnswer, 'disclosure', 'open', release, '--home', home);
    expect(opened).toMatchObject({
      status: 0,
      fields: [
        { field: SIZE, state: 'matches', value: frontierModel.parameters },
        { field: DATA, state: 'matches', value: frontierNotice()['training'] },
      ],
    });
    const asAcademy = () =>
      jsonOf(openAnswer, 'disclosure', 'open', release.slice(-12), '--home', academyHome);
    const unopened = await asAcademy();
    expect(unopened.status).toBe(4);
    expect(unopened.fields.map(({ state, value }) => [state, value])).toEqual(
      Array(2).fill(['no-copy-for-key', undefined]),
    );

    // what the regulator says of the ratio speaks of this very field
    await regulator.publish('determination/1', {
      frontier: release,
      analog,
      outcome: 'compliant',
      clauses: [{ clause: 'M6', state: 'met', reason: 'opened' }],
      opened: [opened.fields[0]?.commitment as string],
      settles: [],
      jurisdiction: 'example-state',
      legalBasis: 'Example Act',
      reason: 'as found',
    });
    await until(async () => (await ratio()) === 'met', { timeoutMs: 60_000, what: 'M6 closed' });

    // later the lab opens one to the academy, then to all; it alone can
    const reveal = (who: string, ...more: string[]) =>
      runCli(['disclosure', 'reveal', release, SIZE, ...more, '--home', who]);
    expect(await reveal(home)).toMatchObject({ status: 1, stderr: expect.stringContaining('not-found') });
    expect((await reveal(labHome, '--to', 'example-academy')).status).toBe(0);
    await until(async () => (await asAcademy()).fields[0]?.state === 'matches', {
      timeoutMs: 60_000,
      what: 'a copy for the academy',
    });
    expect((await reveal(labHome)).status).toBe(0);
    const shown = async () => (await regulator.record()).record.frontierReleases[0]?.['withheld'];
    await until(async () => JSON.stringify(await shown()).includes(`"value":${frontierModel.parameters}`), {
      timeoutMs: 60_000,
      what: 'opened to all',
    });
    await agree(nodes, 10);
  });
});

async function statementsSeen(node: LiveNode, release: string, analog: string) {
  const { record } = await node.record();
  return [
    record.frontierReleases.find(({ id }) => id === release)?.established ?? null,
    record.analogReleases.find(({ id }) => id === analog)?.established ?? null,
  ];
}

test('what cannot be withheld, and leaves nothing behind', async () => {
  const folder = await freshFolder();
  const { 'example-lab': home = '' } = await foundHomes(folder, [{ name: 'example-lab' }]);
  await using live = await LiveNode.start(home);
  const notice = join(folder, 'notice.json');
  await writeFile(notice, JSON.stringify(frontierNotice()));
  const out = join(folder, 'out.json');
  const usual = [
    '--kind',
    'frontier-release',
    '--reason',
    'trade-secret',
    '--until',
    '2036-12-31',
    '--out',
    out,
  ];
  const cases: readonly (readonly [string[], string])[] = [
    [['--field', '/model/size'], 'field-absent'],
    // which the kind must show
    [['--field', '/deployedOn'], 'deployedOn'],
    [['--field', 'model.parameters'], 'JSON Pointer'],
    [['--field', SIZE, '--to', 'nobody'], 'not-found'],
  ];
  for (const [args, says] of cases) {
    const run = await runCli(['withhold', notice, ...usual, ...args, '--home', home, '--url', live.node.url]);
    expect(run).toMatchObject({ status: 1, stderr: expect.stringContaining(says) });
  }
  await expect(readdir(join(home, 'withheld'))).rejects.toThrow('ENOENT');
});
