import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { deriveKey } from '../../../protocols/identity/derive.ts';
import { signingPublicKey } from '../../../protocols/identity/ed25519.ts';
import { nativeEd25519 } from '../../../services/keys/index.ts';
import { Libp2pHost, Libp2pTransport } from '../../../services/network/index.ts';
import { readHome } from '../../../services/node/home.ts';
import { Author, CHARTER_POLICY } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { cardBody } from '../../support/samples.ts';
import { until } from '../../support/until.ts';
import { Recorder } from '../../support/wire-node.ts';
import { ROOT } from '../../unit/deploy/deploy-files.ts';

const QUOTA = { messagesPerHour: 1, burst: 10, bytesPerHour: 1_048_576 };
const FLOOD = 2 * QUOTA.burst;

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

/** A member whose software holds it to no quota says more than its burst. */
async function flood(home: string): Promise<void> {
  const { seed, charter, config } = await readHome(home);
  const { signal } = new AbortController();
  const host = await Libp2pHost.start(
    { seed: deriveKey(seed, 'libp2p'), federation: charter.id, admits: () => true },
    { signal },
  );
  onTestFinished(() => host[Symbol.asyncDispose]());
  const transport = new Libp2pTransport(host);
  await transport.start(new Recorder(), { signal });
  host.connect(config.libp2p?.peers ?? []);
  await until(() => host.gossip.getMeshPeers(host.topic).length > 0, { what: 'a neighbour in the topic' });
  const signingSeed = deriveKey(seed, 'signing');
  const signer = { seed: signingSeed, publicKey: signingPublicKey(signingSeed), ed25519: nativeEd25519() };
  const author = new Author(signer, charter.id);
  for (let i = 0; i < FLOOD; i += 1)
    await transport.publish(author.say('member-card/1', cardBody(`card ${i}`)), { signal });
}

test('a node tells what it holds, refuses and sheds, by the names that the documents list', async () => {
  const policy = { ...CHARTER_POLICY, quotas: QUOTA };
  const members = [{ name: 'example-lab' }, { name: 'example-academy' }] as const;
  const homes = await foundHomes(await freshFolder(), members, policy);
  const lab = await LiveNode.start(homes['example-lab'] as string);
  await flood(homes['example-academy'] as string);
  const shed = 'oversight_shed_total{author="example-academy"}';
  // what is shed is refused at once, what is accepted once it is durable
  const judged = (samples: Map<string, number>) =>
    ['received_accept', 'received_ignore']
      .map((event) => samples.get(`oversight_network_events_total{event="${event}"}`) ?? 0)
      .reduce((sum, count) => sum + count);
  await until(async () => judged(await samplesOf(lab)) === FLOOD, { what: 'all of the flood judged' });

  const samples = await samplesOf(lab);
  expect(samples.get(shed)).toBeGreaterThan(0);
  const held = samples.get('oversight_feed_messages{author="example-academy"}');
  expect(held).toBeLessThanOrEqual(QUOTA.burst);
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
