import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { BitswapServer, EmbeddedStore, fetchDirectory, Kubo } from '../../services/checkpoints/index.ts';
import { OpenHost } from '../../services/network/index.ts';
import { freshFolder } from '../support/checkpoints/folders.ts';
import { GOLDEN_TREE_CID, pattern, writeGoldenTree } from '../support/checkpoints/golden-tree.ts';
import { kuboDaemon } from './kubo-daemon.ts';

const home = await mkdtemp(join(tmpdir(), 'kubo-'));
const daemon = await kuboDaemon(home);
if (daemon === null) throw new Error('no Kubo: set KUBO_API=http://127.0.0.1:5001 or put `ipfs` on the PATH');
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});
const kubo = new Kubo({ apiUrl: daemon.apiUrl });
const started = () => ({ signal: new AbortController().signal });

it('Kubo takes a model from our node over Bitswap, pins it under the same CID and gives it back', async () => {
  const folder = await freshFolder();
  await writeGoldenTree(folder);
  await using store = await EmbeddedStore.open(await freshFolder());
  const { cid, sizeBytes } = await store.add(folder, started());
  await using host = await OpenHost.start({
    seed: new Uint8Array(32).fill(7),
    listen: ['/ip4/127.0.0.1/tcp/0'],
  });
  let servedBytes = 0;
  await using _server = await BitswapServer.start(host, store, {
    onServed: (_peer, bytes) => {
      servedBytes += bytes;
    },
  });
  await daemon.call(`swarm/connect?arg=${host.addresses()[0]}`);
  expect(await daemon.call(`pin/add?arg=${cid}&recursive=true`)).toContain(GOLDEN_TREE_CID);
  expect(servedBytes).toBeGreaterThanOrEqual(sizeBytes - 3 * 1_048_576); // leaves that occur twice are sent once

  expect(await daemon.call('pin/verify?verbose=true')).toContain(`"Cid":"${cid}","Ok":true`);
  await using reader = await EmbeddedStore.open(await freshFolder());
  const fetched = await fetchDirectory(reader, [kubo], cid, { ...started(), limits: { bytes: 1e9 } });
  expect(fetched).toMatchObject({ ok: true, value: { cid: GOLDEN_TREE_CID } });
});

it('Kubo learns at once that our node lacks a block, or holds it no more as it was', async () => {
  const folder = await freshFolder();
  await writeFile(join(folder, 'weights'), pattern(2_000_000).reverse());
  await using store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await store.add(folder, started());
  await writeFile(join(folder, 'weights'), pattern(2_000_000));
  await using host = await OpenHost.start({
    seed: new Uint8Array(32).fill(8),
    listen: ['/ip4/127.0.0.1/tcp/0'],
  });
  await using _server = await BitswapServer.start(host, store);
  await daemon.call(`swarm/connect?arg=${host.addresses()[0]}`);
  await expect(daemon.call(`pin/add?arg=${cid}&recursive=true&timeout=3s`)).rejects.toThrow();
  expect(await kubo.block(cid, started())).not.toBeNull(); // the node of the directory came, the changed leaf did not
});
