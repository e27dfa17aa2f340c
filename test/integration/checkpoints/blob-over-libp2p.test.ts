import { expect, it } from 'vitest';
import {
  BlobServer,
  EmbeddedStore,
  fetchDirectory,
  peerSources,
} from '../../../services/checkpoints/index.ts';
import { Libp2pHost } from '../../../services/network/libp2p/host.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { writeGoldenTree } from '../../support/checkpoints/golden-tree.ts';

const signal = () => new AbortController().signal;

function host(seed: number): Promise<Libp2pHost> {
  const options = { seed: new Uint8Array(32).fill(seed), federation: 'bafyreitest', admits: () => true };
  return Libp2pHost.start(options, { signal: signal() });
}

it('a directory comes from two peers over real libp2p hosts', async () => {
  const folder = await freshFolder();
  await writeGoldenTree(folder);
  await using storeA = await EmbeddedStore.open(await freshFolder());
  await using storeB = await EmbeddedStore.open(await freshFolder());
  await using store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await storeA.add(folder, { signal: signal() });
  await storeB.add(folder, { signal: signal() });
  await using hostA = await host(1);
  await using hostB = await host(2);
  await using reader = await host(3);
  const servedA: number[] = [];
  const servedB: number[] = [];
  await using _a = await BlobServer.start(hostA, storeA, {
    onEvent: ({ bytes }) => void servedA.push(bytes),
  });
  await using _b = await BlobServer.start(hostB, storeB, {
    onEvent: ({ bytes }) => void servedB.push(bytes),
  });
  reader.connect([...hostA.addresses(), ...hostB.addresses()]);
  await expect.poll(() => reader.connectedPeers().length, { timeout: 10_000 }).toBe(2);
  const fetched = await fetchDirectory(store, peerSources(reader), cid, {
    signal: signal(),
    limits: { bytes: 1e9 },
  });
  expect(fetched).toMatchObject({ ok: true, value: { cid } });
  await store.verify(cid, { signal: signal() });
  expect(Math.max(...servedA)).toBeGreaterThan(0);
  expect(Math.max(...servedB)).toBeGreaterThan(0);
});
