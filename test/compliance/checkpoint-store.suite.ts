import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ContentId } from '../../protocols/base/ids.ts';
import { type CheckpointStore, fetchDirectory, verifyBlock } from '../../services/checkpoints/index.ts';
import { freshFolder } from '../support/checkpoints/folders.ts';
import { GOLDEN, GOLDEN_TREE_CID, writeGoldenTree } from '../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../support/checkpoints/store-source.ts';

const GENEROUS = { bytes: 1e9 };
const ABSENT = 'bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e' as ContentId;

function started(): { readonly signal: AbortSignal } {
  return { signal: new AbortController().signal };
}

/** The promises of `CheckpointStore`. `open` gives a fresh store; the suite disposes it. */
export function checkpointStoreCompliance(name: string, open: () => Promise<CheckpointStore>): void {
  describe(`checkpoint store: ${name}`, () => {
    const withTree = async (options: { readonly reverse?: boolean } = {}) => {
      const folder = await freshFolder();
      await writeGoldenTree(folder, options);
      return folder;
    };

    it('names a directory as Kubo does, whatever the order of its entries', async () => {
      await using store = await open();
      const forward = await store.add(await withTree(), started());
      const backward = await store.add(await withTree({ reverse: true }), started());
      expect(forward.cid).toBe(GOLDEN_TREE_CID);
      expect(backward.cid).toBe(GOLDEN_TREE_CID);
      expect(forward.profile).toBe('unixfs-v1-2025');
      for (const file of GOLDEN)
        expect(forward.files.find((entry) => entry.path === file.path)?.cid, file.path).toBe(file.cid);
      expect(forward.sizeBytes).toBe(forward.files.reduce((sum, file) => sum + file.sizeBytes, 0));
    });

    it('reports progress up to the whole', async () => {
      await using store = await open();
      const seen: number[] = [];
      const added = await store.add(await withTree(), {
        ...started(),
        onProgress: ({ bytesDone }) => void seen.push(bytesDone),
      });
      expect(seen.at(-1)).toBe(added.sizeBytes);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    });

    it('serves every block of what it added, each verified', async () => {
      await using store = await open();
      const { cid } = await store.add(await withTree(), started());
      const other = await open();
      const fetched = await fetchDirectory(other, [new StoreSource('whole', store)], cid, {
        ...started(),
        limits: GENEROUS,
      });
      expect(fetched).toMatchObject({ ok: true, value: { cid } });
      expect(await other.has(cid)).toBe(true);
      expect(await other.stat(cid)).toEqual({ ...(await store.stat(cid)), origin: 'fetched' });
      const directory = await other.directory(cid);
      for (const file of GOLDEN) {
        expect(Buffer.compare(await readFile(join(directory, file.path)), file.content), file.path).toBe(0);
        expect((await stat(join(directory, file.path))).mode & 0o222, file.path).toBe(0);
      }
      expect(await readdir(join(directory, 'folder/none'))).toEqual([]);
      await other.verify(cid, started());
      await other[Symbol.asyncDispose]();
    });

    it('says what it has and what it lacks', async () => {
      await using store = await open();
      const { cid, files } = await store.add(await withTree(), started());
      expect(await store.has(cid)).toBe(true);
      expect(await store.hasBlock((files[0] as { cid: ContentId }).cid)).toBe(true);
      expect((await store.list()).map((checkpoint) => checkpoint.cid)).toEqual([cid]);
      expect(await store.has(ABSENT)).toBe(false);
      expect(await store.hasBlock(ABSENT)).toBe(false);
      expect(await store.block(ABSENT)).toBeNull();
      expect(await store.stat(ABSENT)).toBeNull();
      await expect(store.directory(ABSENT)).rejects.toMatchObject({ code: 'blob-not-found' });
      await expect(store.verify(ABSENT, started())).rejects.toMatchObject({ code: 'blob-not-found' });
    });

    it('forgets a published checkpoint without touching its files', async () => {
      await using store = await open();
      const folder = await withTree();
      const { cid } = await store.add(folder, started());
      expect(await store.remove(cid)).toBe(true);
      expect(await store.has(cid)).toBe(false);
      expect(await store.block(cid)).toBeNull();
      expect(await store.remove(cid)).toBe(false);
      expect((await readFile(join(folder, 'one-byte'))).length).toBe(1);
    });

    it('never serves wrong bytes for a file that changed or went', async () => {
      await using store = await open();
      const folder = await withTree();
      const { cid, files } = await store.add(folder, started());
      const path = join(folder, 'three-leaves');
      const bytes = await readFile(path);
      bytes[5] = (bytes[5] as number) ^ 1;
      await writeFile(path, bytes);
      await rm(join(folder, 'one-byte'));
      const one = files.find((file) => file.path === 'one-byte')?.cid as ContentId;
      const served = await store.block(one).then(
        (block) => (block !== null && verifyBlock(one, block).ok ? 'right' : 'wrong'),
        (error: { code: string }) => error.code,
      );
      expect(['right', 'blob-corrupt']).toContain(served); // Kubo keeps a copy of its own
      await expect(store.verify(cid, started())).rejects.toMatchObject({ code: 'blob-corrupt' });
    });

    const bad: readonly (readonly [reason: string, make: (folder: string) => Promise<unknown>])[] = [
      ['symlink', (folder) => symlink('/etc/hosts', join(folder, 'link'))],
      ['symlink', (folder) => symlink('.', join(folder, 'loop'))],
      ['name-invalid', (folder) => writeFile(join(folder, 'a\\b'), 'x')],
      ['name-invalid', (folder) => writeFile(join(folder, 'line\nbreak'), 'x')],
      [
        'name-invalid',
        (folder) => writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]), 'x'),
      ],
      [
        'name-collision',
        async (folder) => {
          await writeFile(join(folder, 'Readme'), 'x');
          await writeFile(join(folder, 'README'), 'x');
        },
      ],
      [
        'special-file',
        (folder) => {
          const { promise, resolve } = Promise.withResolvers<void>();
          createServer().listen(join(folder, 'socket'), resolve).unref();
          return promise;
        },
      ],
      ['too-deep', (folder) => mkdir(join(folder, 'd/'.repeat(20)), { recursive: true })],
      [
        'too-many-files',
        async (folder) => {
          for (let i = 0; i < 4_100; i++) await mkdir(join(folder, `d${i}`));
        },
      ],
    ];
    it.each(bad)('refuses to add a directory: %s', async (reason, make) => {
      await using store = await open();
      const folder = await freshFolder();
      await writeFile(join(folder, 'config.json'), '{}');
      await make(folder);
      await expect(store.add(folder, started())).rejects.toMatchObject({
        code: 'checkpoint-invalid',
        details: { reason },
      });
      expect(await store.list()).toEqual([]);
    });

    it.each([
      ['not-a-directory', 'missing'],
      ['not-a-directory', 'file'],
      ['empty', 'nothing'],
    ])('refuses to add what is no directory with files: %s (%s)', async (reason, entry) => {
      await using store = await open();
      const folder = await freshFolder();
      await writeFile(join(folder, 'file'), 'x');
      await mkdir(join(folder, 'nothing'));
      await expect(store.add(join(folder, entry), started())).rejects.toMatchObject({
        code: 'checkpoint-invalid',
        details: { reason },
      });
    });

    it('leaves out hidden entries', async () => {
      await using store = await open();
      const folder = await withTree();
      await mkdir(join(folder, '.git'));
      await writeFile(join(folder, '.env'), 'secret');
      await symlink('/', join(folder, '.cache'));
      expect((await store.add(folder, started())).cid).toBe(GOLDEN_TREE_CID);
    });

    it('stops when told to and keeps nothing', async () => {
      await using store = await open();
      const stop = new AbortController();
      const adding = store.add(await withTree(), { signal: stop.signal, onProgress: () => stop.abort() });
      await expect(adding).rejects.toMatchObject({ code: 'cancelled' });
      expect(await store.list()).toEqual([]);
    });

    it('lets one fetch of a checkpoint at a time run, and the others have its result', async () => {
      await using store = await open();
      const { cid } = await store.add(await withTree(), started());
      const other = await open();
      const sources = [new StoreSource('whole', store)];
      const fetches = [1, 2, 3].map(() =>
        fetchDirectory(other, sources, cid, { ...started(), limits: GENEROUS }),
      );
      for (const fetched of await Promise.all(fetches))
        expect(fetched).toMatchObject({ ok: true, value: { cid } });
      expect(await other.list()).toHaveLength(1);
      expect(await other.remove(cid)).toBe(true);
      expect(await other.block(cid)).toBeNull();
      await other[Symbol.asyncDispose]();
    });

    it('can be disposed twice', async () => {
      const store = await open();
      await store[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    });
  });
}
