import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { CID } from 'multiformats/cid';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { contentId, isLeafCid, verifyBlock } from '../block.ts';
import { readExactly, readLeaves } from '../directory.ts';
import { asStorageError, corrupt, notFound, throwIfCancelled } from '../failures.ts';
import type {
  AddOptions,
  Checkpoint,
  CheckpointStore,
  Incoming,
  PartialCheckpoint,
  StoredCheckpoint,
} from '../store.ts';
import { surveyDirectory } from '../survey.ts';
import { buildFileDag } from '../unixfs/file-dag.ts';
import { PROFILE } from '../unixfs/profile.ts';
import { waitFor } from '../wait.ts';
import { BlockIndex, type Place } from './block-index.ts';
import { type Disk, systemDisk } from './disk.ts';
import { Folders } from './folders.ts';
import { EmbeddedIncoming } from './incoming.ts';

/** Copies of one leaf that are tried before it counts as lost; zero-filled tensors repeat a leaf thousands of times. */
const PLACES_TRIED = 8;

export interface EmbeddedStoreOptions {
  /** Bytes of fetched files the store may hold. Default: what the disk holds. */
  readonly limitBytes?: number;
  /** Pages of 4 KiB the index may grow to. Default: what the disk holds. */
  readonly indexPageLimit?: number;
  readonly disk?: Disk;
}

/** The store that needs no daemon: an index in SQLite, leaves read from the files they belong to. */
export class EmbeddedStore implements CheckpointStore {
  readonly #index: BlockIndex;
  readonly #folders: Folders;
  readonly #disk: Disk;
  readonly #limitBytes: number;
  /** Fetches under way; each promise settles when its place is free. */
  readonly #receiving = new Map<ContentId, Promise<void>>();
  #reservedBytes = 0;

  private constructor(index: BlockIndex, folders: Folders, options: EmbeddedStoreOptions) {
    this.#index = index;
    this.#folders = folders;
    this.#disk = options.disk ?? systemDisk;
    this.#limitBytes = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Opens or makes the store in `directory`, which no other process may have open. */
  static async open(directory: string, options: EmbeddedStoreOptions = {}): Promise<EmbeddedStore> {
    const folders = new Folders(directory);
    try {
      await folders.create();
      const index = new BlockIndex(
        folders.index,
        options.indexPageLimit === undefined ? {} : { pageLimit: options.indexPageLimit },
      );
      await reconcile(index, folders);
      return new EmbeddedStore(index, folders, options);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  async add(directory: string, options: AddOptions): Promise<Checkpoint> {
    const { cid, absolute, sizeBytes, files, nodes } = await surveyDirectory(directory, options);
    throwIfCancelled(options.signal);
    // A fetched copy is the store's own and cannot change: it stays the one that is served.
    if (this.#index.checkpoint(cid)?.origin !== 'fetched')
      this.#index.putCheckpoint({ cid, origin: 'published', directory: absolute, files, nodes });
    return { cid, profile: PROFILE, sizeBytes, files: files.map(({ leaves: _, ...file }) => file) };
  }

  async hasBlock(cid: ContentId): Promise<boolean> {
    return this.#index.hasBlock(cid);
  }

  async block(cid: ContentId, into?: Uint8Array): Promise<Uint8Array | null> {
    if (!isLeafCid(CID.parse(cid))) {
      const node = this.#index.node(cid);
      if (node !== null && !verifyBlock(cid, node).ok) throw corrupt(cid);
      return node;
    }
    const places = this.#index.places(cid, PLACES_TRIED);
    if (places.length === 0) return null;
    let cause: unknown;
    for (const place of places)
      try {
        const bytes = await readPlace(place, into ?? Buffer.allocUnsafe(place.length));
        if (bytes !== null && verifyBlock(cid, bytes).ok) return bytes;
      } catch (error) {
        cause = error; // another file may hold the same leaf; if none does, this is why
      }
    throw corrupt(cid, cause);
  }

  async has(cid: ContentId): Promise<boolean> {
    return this.#index.checkpoint(cid) !== null;
  }

  async stat(cid: ContentId): Promise<StoredCheckpoint | null> {
    const found = this.#index.checkpoint(cid);
    if (found === null) return null;
    const { directory: _, ...stored } = found;
    return stored;
  }

  async list(): Promise<readonly StoredCheckpoint[]> {
    const all = await Promise.all(this.#index.checkpoints().map((cid) => this.stat(cid)));
    return all.filter((stored) => stored !== null);
  }

  async directory(cid: ContentId): Promise<string> {
    const found = this.#index.checkpoint(cid);
    if (found === null) throw notFound(cid);
    return found.directory;
  }

  async verify(cid: ContentId, options: { readonly signal: AbortSignal }): Promise<void> {
    const found = this.#index.checkpoint(cid);
    if (found === null) throw notFound(cid);
    for (const file of found.files) {
      throwIfCancelled(options.signal);
      let dag: Awaited<ReturnType<typeof buildFileDag>>;
      try {
        dag = await buildFileDag(readLeaves(join(found.directory, file.path), file.sizeBytes, options));
      } catch (error) {
        if (error instanceof OversightError && error.code === 'cancelled') throw error;
        throw corrupt(file.cid, error);
      }
      if (contentId(dag.root.cid) !== file.cid) throw corrupt(file.cid);
    }
  }

  async remove(cid: ContentId): Promise<boolean> {
    if (this.#receiving.has(cid)) return false;
    // a fetch that begins meanwhile waits, or its files would go too
    const leave = this.#occupy(cid);
    try {
      const wasEntered = this.#index.remove(cid);
      return (await this.#folders.delete(cid)) || wasEntered;
    } finally {
      leave();
    }
  }

  async partial(): Promise<readonly PartialCheckpoint[]> {
    const left = new Set([...(await this.#folders.listIncoming()), ...this.#index.unfinished()]);
    const sized = await Promise.all(
      [...left].map(async (cid) => ({ cid, sizeBytes: await this.#folders.incomingBytes(cid) })),
    );
    // asked last: a fetch may have begun while we looked
    return sized.filter(({ cid }) => !this.#receiving.has(cid) && this.#index.checkpoint(cid) === null);
  }

  /** Takes the place where this checkpoint grows, until the function returned is called. */
  #occupy(cid: ContentId): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#receiving.set(cid, promise);
    return () => {
      if (this.#receiving.get(cid) === promise) this.#receiving.delete(cid);
      resolve();
    };
  }

  async receive(cid: ContentId, options: { readonly signal: AbortSignal }): Promise<Incoming | null> {
    for (;;) {
      throwIfCancelled(options.signal);
      if (this.#index.checkpoint(cid) !== null) return null;
      const other = this.#receiving.get(cid);
      if (other === undefined) break;
      await waitFor(other, options.signal);
    }
    const leave = this.#occupy(cid);
    let reservedBytes = 0;
    return new EmbeddedIncoming(cid, {
      index: this.#index,
      folders: this.#folders,
      disk: this.#disk,
      reserve: (bytes) => {
        this.#reservedBytes -= reservedBytes;
        reservedBytes = 0;
        if (this.#index.fetchedBytes() + this.#reservedBytes + bytes > this.#limitBytes) return false;
        reservedBytes = bytes;
        this.#reservedBytes += bytes;
        return true;
      },
      release: () => {
        this.#reservedBytes -= reservedBytes;
        reservedBytes = 0;
        leave();
      },
    });
  }

  /** Waits for the fetches under way to be given up, then closes the index. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#receiving.size > 0) await Promise.all(this.#receiving.values());
    this.#index[Symbol.dispose]();
  }
}

/** Makes index and folders agree after a crash between the rename of a fetched directory and its entry, or the reverse. */
async function reconcile(index: BlockIndex, folders: Folders): Promise<void> {
  const whole = new Set(await folders.listWhole());
  const entered = new Set(index.checkpoints('fetched'));
  for (const cid of whole) if (!entered.has(cid)) await folders.reopen(cid);
  for (const cid of entered) if (!whole.has(cid)) index.remove(cid);
}

async function readPlace(place: Place, into: Uint8Array): Promise<Uint8Array | null> {
  const file = await open(join(place.directory, place.path), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
    (error: unknown) => {
      if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ELOOP') || hasErrno(error, 'ENOTDIR')) return null;
      throw error;
    },
  );
  if (file === null) return null;
  try {
    return await readExactly(file, into, place.offset, place.length);
  } finally {
    await file.close();
  }
}
