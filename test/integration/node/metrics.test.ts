import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHARTER_POLICY } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { agree, foundHomes, LiveNode } from '../../support/homes.ts';
import { cardBody } from '../../support/samples.ts';
import { until } from '../../support/until.ts';
import { ROOT } from '../../unit/deploy/deploy-files.ts';

const QUOTA = { messagesPerHour: 1, burst: 10, bytesPerHour: 1_048_576 };
/** What each node says when it starts. */
const INTRODUCTION = 2;

async function samplesOf(node: LiveNode): Promise<Map<string, number>> {
  const response = await fetch(new URL('/metrics', node.node.url));
  expect(response.status).toBe(200);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

test('a node tells what it holds, refuses and sheds, by the names that the documents list', async () => {
  const policy = { ...CHARTER_POLICY, quotas: QUOTA };
  const members = [{ name: 'example-lab' }, { name: 'example-academy' }] as const;
  const homes = await foundHomes(await freshFolder(), members, policy);
  const lab = await LiveNode.start(homes['example-lab'] as string);
  const academy = await LiveNode.start(homes['example-academy'] as string);
  await agree([lab, academy], 2 * INTRODUCTION);
  // more than its burst, and nothing is said to it about that: the others store what they have promised to
  for (let i = 0; i < 2 * QUOTA.burst; i += 1) await academy.publish('member-card/1', cardBody(`card ${i}`));
  const shed = 'oversight_shed_total{author="example-academy"}';
  await until(async () => ((await samplesOf(lab)).get(shed) ?? 0) > 0, { what: 'what is shed' });

  const samples = await samplesOf(lab);
  const held = samples.get('oversight_feed_messages{author="example-academy"}');
  expect(held).toBeLessThanOrEqual(INTRODUCTION + QUOTA.burst);
  expect(samples.get('oversight_refused_total{reason="over-quota"}')).toBe(samples.get(shed));
  expect(samples.get('oversight_peers{transport="libp2p"}')).toBe(1);
  expect(samples.get('oversight_network_events_total{event="received_accept"}')).toBeGreaterThan(0);
  expect(samples.get('oversight_file_bytes{file="ledger.sqlite"}')).toBeGreaterThan(0);
  expect(samples.get('oversight_memory_bytes{kind="resident"}')).toBeGreaterThan(0);
  for (const value of samples.values()) expect(value).toBeGreaterThanOrEqual(0);

  const page = await readFile(join(ROOT, 'deploy', 'README.md'), 'utf8');
  const written = new Set([...page.matchAll(/^\| `(oversight_\w+)` \|/gm)].map(([, name]) => name));
  const told = new Set([...samples.keys()].map((sample) => sample.split('{')[0]));
  expect(written).toContain('oversight_reruns'); // of verifiers alone
  expect([...written].filter((name) => !told.has(name))).toEqual([
    'oversight_cosigned_messages',
    'oversight_reruns',
  ]);
  expect([...told].filter((name) => !written.has(name))).toEqual([]);
});
