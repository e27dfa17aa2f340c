import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { EXIT } from '../../../services/cli/exit-codes.ts';
import { homePaths } from '../../../services/node/home.ts';
import { CHARTER_POLICY } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { agree, foundHomes, LiveNode } from '../../support/homes.ts';
import { runCli } from '../../support/run-cli.ts';
import { frontierBody } from '../../support/samples.ts';
import { until } from '../../support/until.ts';

const auditAnswer = z.looseObject({
  outcome: z.string(),
  federation: z.string(),
  messages: z.int(),
  digest: z.looseObject({ derived: z.string().nullable() }),
  checks: z.array(z.looseObject({ check: z.string(), state: z.string() })),
  findings: z.array(z.looseObject({ code: z.string() })),
});

async function audit(...args: readonly string[]) {
  const run = await runCli(['audit', ...args, '--json']);
  return { status: run.status, stderr: run.stderr, report: auditAnswer.parse(JSON.parse(run.stdout)) };
}

/** Checks that were made, and how they came out. */
function statesOf({ checks }: z.infer<typeof auditAnswer>): Record<string, string> {
  return Object.fromEntries(
    checks.filter(({ state }) => state !== 'none').map(({ check, state }) => [check, state]),
  );
}

test('real nodes hold, by URL, home and bundle; what is spoiled afterwards is named', async () => {
  const folder = await freshFolder();
  const both = ['example-academy', 'example-regulator'];
  const homes = await foundHomes(
    folder,
    [
      { name: 'example-lab' },
      { name: 'example-academy', witness: true },
      { name: 'example-regulator', witness: true },
    ],
    {
      ...CHARTER_POLICY,
      witness: { outside: [], groups: [{ name: 'both', threshold: 2, members: both }], quorum: 'both' },
    },
  );
  const nodes: LiveNode[] = [];
  for (const home of Object.values(homes)) nodes.push(await LiveNode.start(home));
  const [lab, academy, regulator] = nodes as [LiveNode, LiveNode, LiveNode];
  await until(() => nodes.every(({ node }) => node.status().ownFeed.state === 'confirmed'));
  const frontier = await lab.publish('frontier-release/1', frontierBody('tiny'));
  await until(
    async () => {
      const records = await Promise.all(nodes.map((node) => node.record()));
      return records.every(({ record }) =>
        record.frontierReleases.some((each) => each.id === frontier && each['established'] !== null),
      );
    },
    { timeoutMs: 60_000, what: 'established on every node' },
  );
  await agree(nodes, 8);
  const federation = lab.node.status().federation;
  const heads = join(folder, 'heads.json');

  // in words, each line within a terminal
  const urls = nodes.map(({ node }) => node.url);
  const words = await runCli(['audit', ...urls, '--federation', federation, '--remember', heads]);
  expect(words.stdout).toContain('Everything that this source claims holds.');
  expect(words.status).toBe(EXIT.done);
  for (const line of words.stdout.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80);

  // by URL
  const byUrl = await audit(urls[0] as string, '--federation', federation, '--since', heads);
  expect(byUrl.report.findings).toEqual([]);
  expect(statesOf(byUrl.report)).toEqual({
    federation: 'holds',
    signatures: 'holds',
    trees: 'holds',
    tiles: 'holds',
    charter: 'holds',
    authority: 'holds',
    witnesses: 'holds',
    times: 'holds',
    record: 'holds',
    history: 'holds',
  });
  expect(byUrl.status).toBe(EXIT.done);
  const other = 'bafyreif2z43bdxaex4anwixduienuenczlf6mrimh3btt2q5sekklx5rj4';
  const foreign = await audit(urls[0] as string, '--federation', other);
  expect([foreign.status, foreign.report.findings.map(({ code }) => code)]).toEqual([
    EXIT.refuted,
    ['federation-wrong'],
  ]);

  // by home, while the node runs; by bundle
  const byHome = await audit(academy.home, '--federation', federation);
  expect(byHome.report.findings).toEqual([]);
  const bundle = join(folder, 'federation.car');
  const digest = await writeBundle(regulator, bundle);
  const byBundle = await audit(bundle, '--federation', federation);
  expect(byBundle.report.findings).toEqual([]);
  expect(byBundle.report.digest.derived).toBe(digest);

  // the home of a node that stops, and somebody who changes one byte of one signature in it
  await academy[Symbol.asyncDispose]();
  const { ledger } = homePaths(academy.home);
  spoil(ledger);
  const spoiled = await audit(academy.home, '--federation', federation);
  expect(spoiled.status).toBe(EXIT.refuted);
  expect(spoiled.report.findings.map(({ code }) => code)).toContain('signature-invalid');

  // a bundle with one byte changed, and heads of somebody else
  const bytes = await readFile(bundle);
  bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
  await writeFile(bundle, bytes);
  const broken = await audit(bundle, '--federation', federation);
  expect([broken.status, broken.report.findings.map(({ code }) => code)]).toEqual([
    EXIT.refuted,
    expect.arrayContaining(['bundle-broken']),
  ]);
  const nobody = await runCli(['audit', 'http://127.0.0.1:9']);
  expect([nobody.status, nobody.stderr]).toEqual([
    EXIT.failed,
    expect.stringMatching(/^error node-unreachable: /),
  ]);
});

/** @returns the digest of the record at that moment: witnesses may still say something, and then it is written anew */
async function writeBundle(node: LiveNode, path: string): Promise<string> {
  for (;;) {
    const { digest } = await node.record();
    expect((await runCli(['export', path, '--home', node.home])).status).toBe(EXIT.done);
    if ((await node.record()).digest === digest) return digest;
    await rm(path);
  }
}

/** Flips the last bit of the first message: of its signature. */
function spoil(ledger: string): void {
  const database = new DatabaseSync(ledger);
  const { wire } = database.prepare('SELECT wire FROM message WHERE cursor = 1').get() as {
    wire: Uint8Array;
  };
  wire[wire.length - 1] = (wire[wire.length - 1] ?? 0) ^ 1;
  database.prepare('UPDATE message SET wire = ? WHERE cursor = 1').run(wire);
  database.close();
}
