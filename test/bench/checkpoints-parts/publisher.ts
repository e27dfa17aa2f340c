import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobServer, EmbeddedStore } from '../../../services/checkpoints/index.ts';
import { Libp2pHost } from '../../../services/network/index.ts';
import { serveStore } from '../../support/checkpoints/served-store.ts';
import { peakMemoryMB } from '../peak-memory.ts';
import { say, told } from './child.ts';

export interface Published {
  readonly cid: string;
  readonly addSeconds: number;
  readonly overheadBytes: number;
  readonly gateway: string;
  readonly libp2p: readonly string[];
}

/** Adds a directory to a new store and serves it by both carriers until told to end. */
const [home, directory] = process.argv.slice(2) as [string, string];
const { signal } = new AbortController();
const store = await EmbeddedStore.open(home);
const started = performance.now();
const { cid } = await store.add(directory, { signal });
const addSeconds = (performance.now() - started) / 1_000;
const host = await Libp2pHost.start(
  { seed: new Uint8Array(32).fill(1), federation: 'bafyreibench', admits: () => true },
  { signal },
);
const blobs = await BlobServer.start(host, store);
const gateway = await serveStore(store);
const sizes = await Promise.all(
  ['index.sqlite', 'index.sqlite-wal'].map((name) =>
    stat(join(home, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  ),
);
const overheadBytes = sizes.reduce((sum, size) => sum + size, 0);
say({ cid, addSeconds, overheadBytes, gateway: gateway.url, libp2p: host.addresses() } satisfies Published);
await told();
await gateway[Symbol.asyncDispose]();
await blobs[Symbol.asyncDispose]();
await host[Symbol.asyncDispose]();
await store[Symbol.asyncDispose]();
say({ peakMemoryMB: peakMemoryMB() });
