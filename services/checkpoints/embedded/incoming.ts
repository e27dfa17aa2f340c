import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { type VerifiedBlock, verifyBlockAside } from '../block.ts';
import { readExactly } from '../directory.ts';
import { asStorageError, throwIfCancelled } from '../failures.ts';
import type { Checkpoint, Incoming, IncomingFile, Layout, MissingLeaf } from '../store.ts';
import type { Leaf } from '../unixfs/file-dag.ts';
import { PROFILE } from '../unixfs/profile.ts';
import type { BlockIndex, IndexedFile } from './block-index.ts';
import type { Disk } from './disk.ts';
import type { Folders } from './folders.ts';
import { OpenFiles } from './open-files.ts';
import { RunningDigest } from './running-digest.ts';

export interface IncomingNeeds {
  readonly index: BlockIndex;
  readonly folders: Folders;
  readonly disk: Disk;
  /** Takes bytes out of what the store may hold, until `release`; false when so many are not left. */
  readonly reserve: (bytes: number) => boolean;
  /** Called once, when the place is given up. */
  readonly release: () => void;
}

/** A checkpoint that grows in `incoming/<cid>`. Nothing tells which leaves are there but the leaves themselves. */
export class EmbeddedIncoming implements Incoming {
  readonly #cid: ContentId;
  readonly #needs: IncomingNeeds;
  readonly #directory: string;
  readonly #files = new OpenFiles();
  /** By path. */
  readonly #digests = new Map<string, RunningDigest>();
  #layout: Layout | null = null;

  constructor(cid: ContentId, needs: IncomingNeeds) {
    this.#cid = cid;
    this.#needs = needs;
    this.#directory = needs.folders.incoming(cid);
  }

  node(cid: ContentId): Uint8Array | null {
    return this.#needs.index.shareNode(this.#cid, cid);
  }

  putNode(block: VerifiedBlock): void {
    this.#needs.index.putNode(this.#cid, block.cid, block.bytes);
  }

  async prepare(layout: Layout, options: { readonly signal: AbortSignal }): Promise<readonly MissingLeaf[]> {
    this.#layout = layout;
    const totalBytes = layout.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    if (!this.#needs.reserve(totalBytes))
      throw new OversightError('disk-full', `${totalBytes} bytes exceed what the checkpoint store may hold`);
    const missing: MissingLeaf[] = [];
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      for (const folder of layout.folders) await mkdir(join(this.#directory, folder), { recursive: true });
      for (const file of layout.files) missing.push(...(await this.#missingOf(file, options)));
    } catch (error) {
      throw asStorageError(error);
    }
    const neededBytes = missing.reduce((sum, leaf) => sum + leaf.length, 0);
    if (neededBytes > (await this.#needs.disk.freeBytes(this.#directory)))
      throw new OversightError(
        'disk-full',
        `${neededBytes} bytes do not fit on the disk of the checkpoint store`,
      );
    return missing;
  }

  async #missingOf(file: IncomingFile, options: { readonly signal: AbortSignal }): Promise<MissingLeaf[]> {
    const path = join(this.#directory, file.path);
    // An attempt that was killed while it finished leaves files that are read-only already.
    await chmod(path, 0o600).catch((error: unknown) => {
      if (!hasErrno(error, 'ENOENT')) throw error;
    });
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    try {
      const { size } = await handle.stat();
      if (size !== file.sizeBytes) await handle.truncate(file.sizeBytes);
      const digest = new RunningDigest(file.leaves, (leaf, into) => this.#leafOf(file.path, leaf, into));
      this.#digests.set(file.path, digest);
      const missing: MissingLeaf[] = [];
      for (const leaf of file.leaves) {
        throwIfCancelled(options.signal);
        // Past the old end there are only zeros; before it, whatever an earlier attempt wrote.
        const bytes = leaf.offset < size || leaf.length === 0 ? await heldLeaf(handle, leaf) : null;
        if (bytes === null) missing.push({ ...leaf, path: file.path });
        else await digest.written(leaf, bytes);
      }
      return missing;
    } finally {
      await handle.close();
    }
  }

  async writeLeaf(leaf: MissingLeaf, block: VerifiedBlock): Promise<void> {
    if (block.cid !== leaf.cid || block.bytes.length !== leaf.length)
      throw new RangeError('a block for another leaf');
    try {
      await this.#files.use(join(this.#directory, leaf.path), (file) =>
        this.#needs.disk.writeAt(file, leaf.offset, block.bytes),
      );
      await this.#digests.get(leaf.path)?.written(leaf, block.bytes);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /** Of a file that is being written. */
  async #leafOf(path: string, { offset, length }: Leaf, into: Buffer): Promise<Uint8Array> {
    const bytes = await this.#files.use(join(this.#directory, path), (file) =>
      readExactly(file, into, offset, length),
    );
    if (bytes === null) throw new RangeError(`${path} ends before ${offset + length}`);
    return bytes;
  }

  async finish(options: { readonly signal: AbortSignal }): Promise<Checkpoint> {
    const layout = this.#layout;
    if (layout === null) throw new RangeError('finish before prepare');
    const { index, folders } = this.#needs;
    try {
      await this.#files[Symbol.asyncDispose]();
      const files: IndexedFile[] = [];
      for (const file of layout.files) {
        throwIfCancelled(options.signal);
        const { path, sizeBytes, cid, leaves } = file;
        files.push({ path, sizeBytes, cid, leaves, sha256: await this.#seal(file) });
      }
      await folders.publish(this.#cid, layout.folders);
      index.putCheckpoint({
        cid: this.#cid,
        origin: 'fetched',
        directory: folders.whole(this.#cid),
        files,
        nodes: [],
      });
      return {
        cid: this.#cid,
        profile: PROFILE,
        sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
        files: files.map(({ path, sizeBytes, cid, sha256 }) => ({ path, sizeBytes, sha256, cid })),
      };
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /** Flushes a complete file. Returns its sha256. */
  async #seal({ path }: IncomingFile): Promise<string> {
    const handle = await open(join(this.#directory, path), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      await handle.sync();
      return (this.#digests.get(path) as RunningDigest).end();
    } finally {
      await handle.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files[Symbol.asyncDispose]();
    this.#needs.release();
  }
}

/** The leaf's bytes where they are what they should be. */
async function heldLeaf(handle: FileHandle, leaf: Leaf): Promise<Uint8Array | null> {
  const bytes = await readExactly(handle, Buffer.allocUnsafe(leaf.length), leaf.offset, leaf.length);
  return bytes !== null && (await verifyBlockAside(leaf.cid, bytes)).ok ? bytes : null;
}
