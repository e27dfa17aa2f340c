import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { copiesOf } from '../../../protocols/record/index.ts';
import { EmbeddedStore } from '../../../services/checkpoints/index.ts';
import { nodeConfig } from '../../../services/node/config.ts';
import { homePaths } from '../../../services/node/home.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { agree, foundHomes, LiveNode } from '../../support/homes.ts';
import { ANALOG_PARAMETERS, FRONTIER_PARAMETERS, releaseFolder } from '../../support/release-folder.ts';
import { runCli } from '../../support/run-cli.ts';
import { frontierBody } from '../../support/samples.ts';
import { until } from '../../support/until.ts';

const NAMES = ['example-lab', 'example-academy', 'example-regulator'] as const;
const collected = z.object({ collected: z.array(z.looseObject({ cid: z.string() })) });

/** Runs the command at a node's home, and gives what it printed. */
async function at(home: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli([...args, '--home', home]);
  expect(status, `${args.join(' ')}\n${stderr}`).toBe(0);
  return stdout;
}

async function configure(home: string, pins: object): Promise<void> {
  const { config } = homePaths(home);
  const read = nodeConfig.parse(JSON.parse(await readFile(config, 'utf8')));
  await writeFile(config, JSON.stringify({ ...read, pins: { ...read.pins, ...pins } }));
}

/** Three nodes, of which the academy asks all the time; the lab has released an analog. */
async function federation(pins: Partial<Record<(typeof NAMES)[number], object>>) {
  const homes = await foundHomes(
    await freshFolder(),
    NAMES.map((name) => ({ name })),
  );
  const nodes: LiveNode[] = [];
  for (const name of NAMES) {
    await configure(homes[name] as string, { checksPerDay: 0, ...pins[name] });
    nodes.push(await LiveNode.start(homes[name] as string));
  }
  await agree(nodes, 2 * NAMES.length);
  const [lab, academy, regulator] = nodes as [LiveNode, LiveNode, LiveNode];
  const folder = await releaseFolder();
  const frontier = await lab.publish('frontier-release/1', frontierBody('big', FRONTIER_PARAMETERS));
  const cid = await releaseAnalog(lab, frontier, folder);
  await agree(nodes, 2 * NAMES.length + 2);
  return { lab, academy, regulator, nodes, folder, frontier, cid };
}

async function releaseAnalog(lab: LiveNode, frontier: string, folder: string): Promise<ContentId> {
  const checkpoint = await lab.add(folder);
  await lab.publish('analog-release/1', {
    frontier,
    model: { name: 'tiny', version: '1', modelType: 'llama', parameters: ANALOG_PARAMETERS },
    licence: 'Apache-2.0',
    summary: 'An analog.',
    checkpoint,
  });
  return checkpoint.cid as ContentId;
}

/** What anyone reads of the copies at a node: of this analog, or of the first. */
async function copiesAt(node: LiveNode, cid?: ContentId) {
  const { record } = await node.record();
  const analog = record.analogReleases.find(({ checkpoint }) => cid === undefined || checkpoint === cid);
  return copiesOf(record, analog ?? { author: '', checkpoint: '' }, Date.now());
}

test('a promise is kept, checked by another member, counted by all, broken and taken back', {
  timeout: 300_000,
}, async () => {
  const { academy, regulator, lab, folder, cid } = await federation({
    'example-academy': { checksPerDay: 86_400 },
  });
  expect(await at(regulator.home, 'show', 'releases')).toContain('nobody has promised to keep it');
  await at(regulator.home, 'pin', 'add', cid.slice(-8), '--days', '30');
  await at(lab.home, 'pin', 'add', cid);
  for (const node of [lab, regulator])
    await until(async () => (await copiesAt(node)).shown === 2, { what: 'copies shown', timeoutMs: 60_000 });
  expect(await copiesAt(regulator)).toMatchObject({ promised: 2, shown: 2, independent: 1 });
  expect(await at(lab.home, 'show', 'releases')).toContain('2 copies shown, 1 independent');
  expect(await at(regulator.home, 'pin', 'list', '--own')).toContain('shown when asked');

  // the regulator's copy is promised: it stays, also while something else goes
  expect(collected.parse(JSON.parse(await at(regulator.home, 'gc', '--json'))).collected).toEqual([]);

  // the lab changes a file that it serves in place: its promise is broken, and that is found
  const weights = join(folder, 'model.safetensors');
  await writeFile(weights, Buffer.alloc((await readFile(weights)).length));
  await until(async () => (await copiesAt(academy)).shown === 1, { what: 'the fault', timeoutMs: 60_000 });
  const { copies } = await copiesAt(academy);
  expect(copies.map(({ member, state }) => ({ member, state }))).toEqual([
    { member: 'example-lab', state: 'failed' },
    { member: 'example-regulator', state: 'shown' },
  ]);

  await at(regulator.home, 'pin', 'remove', cid);
  const dry = await at(regulator.home, 'gc', '--dry-run', '--json');
  expect(collected.parse(JSON.parse(dry)).collected).toMatchObject([{ cid, state: 'whole' }]);
  await regulator[Symbol.asyncDispose]();
  // the same without the node
  expect(JSON.parse(await at(regulator.home, 'gc', '--json'))).toEqual({ ...JSON.parse(dry), dryRun: false });
  await using store = await EmbeddedStore.open(homePaths(regulator.home).content);
  expect(await store.list()).toEqual([]);
});

test('what is not here is not promised, and a promise that is over already is none', async () => {
  const { regulator, cid } = await federation({});
  await expect(
    regulator.publish('pin/1', {
      checkpoint: { cid, profile: 'unixfs-v1-2025', sizeBytes: 1 },
      until: Date.now() + 1_000_000,
    }),
  ).rejects.toMatchObject({ code: 'checkpoint-invalid' });
  const late = await runCli(['pin', 'add', cid, '--until', '2001-01-01', '--home', regulator.home]);
  expect(late.status).toBe(1);
  expect(late.stderr).toContain('argument-invalid');
  const none = await runCli(['pin', 'remove', cid, '--home', regulator.home]);
  expect(none.stderr).toContain('not-found');
});

test('a member that keeps analogs promises what others release, and leaves what was taken back by hand', async () => {
  const { regulator, lab, frontier, folder, cid } = await federation({
    'example-regulator': { keep: 'analogs', keepDays: 10 },
  });
  await until(async () => (await copiesAt(lab)).promised === 1, { what: 'the promise' });
  await at(regulator.home, 'pin', 'remove', cid);
  await until(async () => (await copiesAt(lab)).promised === 0, { what: 'the withdrawal' });
  // the member looks at all that was released before it promises the next
  await writeFile(join(folder, 'NOTES.md'), 'Another analog.');
  const next = await releaseAnalog(lab, frontier, folder);
  await until(async () => (await copiesAt(regulator, next)).promised === 1, { what: 'the next promise' });
  expect((await copiesAt(regulator, cid)).promised).toBe(0);
});
