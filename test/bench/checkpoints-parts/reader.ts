import { once } from 'node:events';
import {
  type BlockSource,
  EmbeddedStore,
  fetchDirectory,
  gatewaySource,
  HttpThread,
  parseContentId,
  peerSources,
} from '../../../services/checkpoints/index.ts';
import { Libp2pHost } from '../../../services/network/index.ts';
import { peakMemoryMB } from '../peak-memory.ts';
import { say } from './child.ts';
import type { Published } from './publisher.ts';

export type Carriers = 'libp2p' | 'gateway' | 'both';

/** Fetches what a publisher serves into a new store, says that it is ready, waits for a word, and tells how long it took. */
const [home, carriers, text] = process.argv.slice(2) as [string, Carriers, string];
const published = JSON.parse(text) as Published;
const { signal } = new AbortController();
await using host = await Libp2pHost.start(
  { seed: new Uint8Array(32).fill(2), federation: 'bafyreibench', admits: () => true },
  { signal },
);
const sources: BlockSource[] = [];
await using thread = new HttpThread();
const gateway = carriers === 'libp2p' ? null : gatewaySource(published.gateway, thread.open);
if (gateway !== null) sources.push(gateway);
if (carriers !== 'gateway') {
  const met = new Promise<void>((resolve) => host.onPeer(({ connected }) => connected && resolve()));
  host.connect(published.libp2p);
  await met;
  const instead = new Map(host.connectedPeers().map(({ id }) => [id, gateway?.name ?? '']));
  sources.push(...peerSources(host, gateway === null ? new Map() : instead));
}
await using store = await EmbeddedStore.open(home);
say('ready');
process.stdin.resume();
await once(process.stdin, 'end');
const cid = parseContentId(published.cid);
if (cid === null) throw new Error('not a CID');
const started = performance.now();
const fetched = await fetchDirectory(store, sources, cid, {
  signal,
  limits: { bytes: Number.MAX_SAFE_INTEGER },
  onFault: (fault) => process.stderr.write(`${JSON.stringify(fault)}\n`),
});
const seconds = (performance.now() - started) / 1_000;
if (!fetched.ok) throw new Error(fetched.detail);
say({ seconds, peakMemoryMB: peakMemoryMB() });
