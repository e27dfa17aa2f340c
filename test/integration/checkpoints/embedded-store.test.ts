import { mkdir, open, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, systemDisk } from '../../../services/checkpoints/embedded/disk.ts';
import { EmbeddedStore, fetchDirectory } from '../../../services/checkpoints/index.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { GOLDEN_TREE_CID, pattern, writeGoldenTree } from '../../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';

const options = () => ({ signal: new AbortController().signal, limits: { bytes: 1e9 } });

async function publisher() {
  const folder = await freshFolder();
  await writeGoldenTree(folder);
  const store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await store.add(folder, options());
  return { store, cid, folder, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

/** The real disk until `writes` leaves are written; then the kernel's own ENOSPC, from /dev/full. */
function fillingDisk(writes: number): Disk {
  let left = writes;
  return {
    ...systemDisk,
    async writeAt(file, offset, bytes) {
      if (left-- > 0) return systemDisk.writeAt(file, offset, bytes);
      await using full = await open('/dev/full', 'w');
      await full.write(bytes);
    },
  };
}

describe('a full disk', () => {
  const FULL = { code: 'disk-full' };

  it('ends a fetch with disk-full; the next attempt takes up what was written', async () => {
    await using origin = await publisher();
    const home = await freshFolder();
    const first = new StoreSource('first', origin.store);
    {
      await using store = await EmbeddedStore.open(home, { disk: fillingDisk(100) });
      await expect(fetchDirectory(store, [first], origin.cid, options())).rejects.toMatchObject(FULL);
      expect(await store.has(origin.cid)).toBe(false);
      expect(await store.list()).toEqual([]);
    }
    await using store = await EmbeddedStore.open(home);
    const second = new StoreSource('second', origin.store);
    expect((await fetchDirectory(store, [second], origin.cid, options())).ok).toBe(true);
    await store.verify(origin.cid, options());
    expect(second.given.length).toBeGreaterThan(0);
    expect(second.given.length).toBeLessThan(first.given.length + second.given.length - 90);
  });

  it('is seen before anything is asked for, when the disk says so', async () => {
    await using origin = await publisher();
    const disk: Disk = { ...systemDisk, freeBytes: async () => 1_000 };
    await using store = await EmbeddedStore.open(await freshFolder(), { disk });
    const fetching = fetchDirectory(store, [new StoreSource('whole', origin.store)], origin.cid, options());
    await expect(fetching).rejects.toMatchObject(FULL);
  });

  it('is the same for the bytes the operator allows', async () => {
    await using origin = await publisher();
    await using store = await EmbeddedStore.open(await freshFolder(), { limitBytes: 6_000_000 });
    const sources = [new StoreSource('whole', origin.store)];
    expect((await fetchDirectory(store, sources, origin.cid, options())).ok).toBe(true);
    const other = await freshFolder();
    await writeFile(join(other, 'more'), pattern(2_000_000));
    const { cid } = await origin.store.add(other, options());
    await expect(fetchDirectory(store, sources, cid, options())).rejects.toMatchObject(FULL);
    await store.remove(origin.cid);
    expect((await fetchDirectory(store, sources, cid, options())).ok).toBe(true);
  });

  it('leaves the index as it was', async () => {
    await using store = await EmbeddedStore.open(await freshFolder(), { indexPageLimit: 20 });
    const small = await freshFolder();
    await writeFile(join(small, 'config.json'), '{}');
    const { cid } = await store.add(small, options());
    const large = await freshFolder();
    for (let i = 0; i < 2_000; i++) await writeFile(join(large, `file-${i}`), `${i}`);
    await expect(store.add(large, options())).rejects.toMatchObject(FULL);
    expect((await store.list()).map((checkpoint) => checkpoint.cid)).toEqual([cid]);
    await store.verify(cid, options());
  });
});

describe('what is on disk', () => {
  it('is neither copied for a published checkpoint nor touched', async () => {
    await using origin = await publisher();
    expect(await origin.store.directory(origin.cid)).toBe(origin.folder);
    const home = await freshFolder();
    await using store = await EmbeddedStore.open(home);
    await store.add(origin.folder, options());
    expect(await readdir(join(home, 'files'))).toEqual([]);
    expect((await stat(join(home, 'index.sqlite'))).size).toBeLessThan(300_000);
  });

  it('is refused as corrupt when a published leaf has changed or gone, and served again when it is back', async () => {
    await using store = await EmbeddedStore.open(await freshFolder());
    const folder = await freshFolder();
    const path = join(folder, 'model.safetensors');
    await writeFile(path, pattern(10));
    const { files } = await store.add(folder, options());
    const [file] = files;
    if (file === undefined) throw new Error('no file');
    await writeFile(path, pattern(10).reverse());
    await expect(store.block(file.cid)).rejects.toMatchObject({ code: 'blob-corrupt' });
    await writeFile(path, pattern(9));
    await expect(store.block(file.cid)).rejects.toMatchObject({ code: 'blob-corrupt' });
    await rename(path, join(folder, 'elsewhere'));
    await expect(store.block(file.cid)).rejects.toMatchObject({ code: 'blob-corrupt' });
    await rename(join(folder, 'elsewhere'), path);
    await writeFile(path, pattern(10));
    expect(await store.block(file.cid)).toEqual(Buffer.from(pattern(10)));
  });

  it('is checked again when a crash came between the rename and the entry', async () => {
    await using origin = await publisher();
    const home = await freshFolder();
    await mkdir(join(home, 'files'), { recursive: true });
    await writeGoldenTree(join(home, 'files', GOLDEN_TREE_CID));
    await writeFile(join(home, 'files', GOLDEN_TREE_CID, 'one-byte'), 'x');
    await using store = await EmbeddedStore.open(home);
    expect(await store.has(origin.cid)).toBe(false);
    const source = new StoreSource('whole', origin.store);
    expect((await fetchDirectory(store, [source], origin.cid, options())).ok).toBe(true);
    await store.verify(origin.cid, options());
    const leaves = source.given.filter((cid) => cid.startsWith('bafkrei'));
    expect(leaves).toHaveLength(1);
  });

  it('is forgotten when the operator deleted the files of a fetched checkpoint', async () => {
    await using origin = await publisher();
    const home = await freshFolder();
    {
      await using store = await EmbeddedStore.open(home);
      await fetchDirectory(store, [new StoreSource('whole', origin.store)], origin.cid, options());
    }
    await rename(join(home, 'files', origin.cid), join(home, 'gone'));
    await using store = await EmbeddedStore.open(home);
    expect(await store.has(origin.cid)).toBe(false);
    expect(await store.list()).toEqual([]);
  });

  it('is there after the store was closed and opened', async () => {
    await using origin = await publisher();
    const home = await freshFolder();
    {
      await using store = await EmbeddedStore.open(home);
      await store.add(origin.folder, options());
    }
    await using again = await EmbeddedStore.open(home);
    expect(await again.has(origin.cid)).toBe(true);
    expect(await again.directory(origin.cid)).toBe(origin.folder);
  });
});
