import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { EmbeddedStore, fetchDirectory, Kubo, MirroredStore } from '../../services/checkpoints/index.ts';
import { checkpointStoreCompliance } from '../compliance/checkpoint-store.suite.ts';
import { freshFolder } from '../support/checkpoints/folders.ts';
import { GOLDEN_TREE_CID, writeGoldenTree } from '../support/checkpoints/golden-tree.ts';
import { kuboDaemon } from './kubo-daemon.ts';

const home = await mkdtemp(join(tmpdir(), 'kubo-'));
const daemon = await kuboDaemon(home);
afterAll(async () => {
  await daemon?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

if (daemon === null) {
  it('needs a Kubo daemon: set KUBO_API or put `ipfs` on the PATH', () => {
    throw new Error('no Kubo: set KUBO_API=http://127.0.0.1:5001 or put `ipfs` on the PATH');
  });
} else {
  const kubo = new Kubo({ apiUrl: daemon.apiUrl });
  const signal = () => new AbortController().signal;

  checkpointStoreCompliance(
    'mirrored to Kubo',
    async () => new MirroredStore(await EmbeddedStore.open(await freshFolder()), kubo),
  );

  it('Kubo pins what is published, serves it back, and lets it go', async () => {
    const folder = await freshFolder();
    await writeGoldenTree(folder);
    await using store = new MirroredStore(await EmbeddedStore.open(await freshFolder()), kubo);
    const { cid } = await store.add(folder, { signal: signal() });
    expect(cid).toBe(GOLDEN_TREE_CID);
    expect(await kubo.isPinned(cid, { signal: signal() })).toBe(true);
    await writeFile(join(folder, 'one-byte'), 'changed');

    await using reader = await EmbeddedStore.open(await freshFolder());
    const fetched = await fetchDirectory(reader, [kubo], cid, { signal: signal(), limits: { bytes: 1e9 } });
    expect(fetched).toMatchObject({ ok: true, value: { cid } });
    await store.remove(cid);
    expect(await kubo.isPinned(cid, { signal: signal() })).toBe(false);
  });
}
