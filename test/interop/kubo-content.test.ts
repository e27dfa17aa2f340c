import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as dagPb from '@ipld/dag-pb';
import { afterAll, expect, it } from 'vitest';
import type { ContentId } from '../../protocols/base/ids.ts';
import {
  type BlockSource,
  type Checkpoint,
  EmbeddedStore,
  fetchDirectory,
  gatewaySource,
  Kubo,
} from '../../services/checkpoints/index.ts';
import { freshFolder } from '../support/checkpoints/folders.ts';
import { GENERATED_TREES, writeTree } from '../support/checkpoints/generated-trees.ts';
import { GOLDEN_TREE_CID, writeGoldenTree } from '../support/checkpoints/golden-tree.ts';
import { serveStore } from '../support/checkpoints/served-store.ts';
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

it.each(GENERATED_TREES)('Kubo gives $name the CID that we give it', async (tree) => {
  const folder = await freshFolder();
  await writeTree(folder, tree);
  await using store = await EmbeddedStore.open(await freshFolder());
  const added = await store.add(folder, started());
  await kubo.add(added, folder, started()); // throws kubo-mismatch
  expect(await kubo.isPinned(added.cid, started())).toBe(true);
});

it('there are at least 30 of them', () => {
  expect(GENERATED_TREES.length).toBeGreaterThanOrEqual(30);
});

/** The golden tree in a store of ours, behind our gateway. */
async function servedTree() {
  const folder = await freshFolder();
  await writeGoldenTree(folder);
  const store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await store.add(folder, started());
  const served = await serveStore(store);
  const end = async () => {
    await served[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  return { store, cid, url: served.url, [Symbol.asyncDispose]: end };
}

async function fetchFrom(source: BlockSource | null, cid: ContentId) {
  await using reader = await EmbeddedStore.open(await freshFolder());
  const sources = source === null ? [] : [source];
  const fetched = await fetchDirectory(reader, sources, cid, { ...started(), limits: { bytes: 1e9 } });
  if (fetched.ok) await reader.verify(cid, started());
  return fetched;
}

const WHOLE = { ok: true, value: { cid: GOLDEN_TREE_CID } };

/** What Kubo itself says that it keeps, and keeps whole. */
async function expectPinnedWhole(cid: ContentId): Promise<void> {
  expect(await kubo.isPinned(cid, started())).toBe(true);
  expect(await daemon?.call(`pin/verify?verbose=true`)).toContain(`"Cid":"${cid}","Ok":true`);
}

it('Kubo imports a model from our gateway as a CAR, keeps it under the same CID and gives it back', async () => {
  await using origin = await servedTree();
  const car = await fetch(`${origin.url}/ipfs/${origin.cid}?format=car`);
  expect(car.headers.get('content-type')).toContain('application/vnd.ipld.car; version=1; order=dfs');
  const imported = await daemon.call('dag/import?pin-roots=true', await car.blob());
  expect(imported).toContain(GOLDEN_TREE_CID);
  await expectPinnedWhole(origin.cid);
  expect(await fetchFrom(kubo, origin.cid)).toMatchObject(WHOLE);
  await kubo.unpin(origin.cid, started());
});

it('Kubo imports a model from our gateway block by block and serves it by its own gateway', async () => {
  await daemon.call('repo/gc');
  await using origin = await servedTree();
  await putTree(origin.url, origin.cid);
  await kubo.pin(origin.cid, started());
  await expectPinnedWhole(origin.cid);
  if (daemon.gatewayUrl !== null)
    expect(await fetchFrom(gatewaySource(daemon.gatewayUrl), origin.cid)).toMatchObject(WHOLE);
});

/** Puts a block of our gateway into Kubo, and all below it. */
async function putTree(gateway: string, cid: string): Promise<void> {
  const block = await (await fetch(`${gateway}/ipfs/${cid}?format=raw`)).blob();
  const isLeaf = cid.startsWith('bafkrei');
  const put = await daemon?.call(`block/put?cid-codec=${isLeaf ? 'raw' : 'dag-pb'}`, block);
  expect(JSON.parse(put ?? '')).toMatchObject({ Key: cid });
  if (isLeaf) return;
  for (const { Hash } of dagPb.decode(await block.bytes()).Links) await putTree(gateway, String(Hash));
}

it('Kubo exports a CAR of the same blocks as ours', async () => {
  await using origin = await servedTree();
  await kubo.add(
    (await origin.store.stat(origin.cid)) as Checkpoint,
    await origin.store.directory(origin.cid),
    started(),
  );
  const ours = await (await fetch(`${origin.url}/ipfs/${origin.cid}?format=car`)).arrayBuffer();
  const exported = await fetch(`${daemon.apiUrl}/api/v0/dag/export?arg=${origin.cid}`, { method: 'POST' });
  expect(Buffer.from(ours).equals(Buffer.from(await exported.arrayBuffer()))).toBe(true);
});

it('a model comes block by block from our gateway, as any verified-fetch client takes it', async () => {
  await using origin = await servedTree();
  expect(await fetchFrom(gatewaySource(origin.url), origin.cid)).toMatchObject(WHOLE);
});
