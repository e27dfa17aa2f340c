import type { ContentId } from '../../protocols/base/ids.ts';
import type { VerifiedBlock } from './block.ts';
import type { Leaf, Look } from './unixfs/file-dag.ts';
import type { PROFILE } from './unixfs/profile.ts';

export interface CheckpointFile {
  /** Relative, with `/` between names. */
  readonly path: string;
  readonly sizeBytes: number;
  /** sha2-256 of the file, hexadecimal: the identity that no profile can change. */
  readonly sha256: string;
  readonly cid: ContentId;
}

/** A directory named by its CID. `files` are in the order of their paths. */
export interface Checkpoint {
  readonly cid: ContentId;
  readonly profile: typeof PROFILE;
  readonly sizeBytes: number;
  readonly files: readonly CheckpointFile[];
}

/** `published`: its files belong to the publisher and are referenced in place. `fetched`: they are the store's own. */
export type Origin = 'published' | 'fetched';

export interface StoredCheckpoint extends Checkpoint {
  readonly origin: Origin;
}

/** `sizeBytes`: what it takes on the disk. */
export interface PartialCheckpoint {
  readonly cid: ContentId;
  readonly sizeBytes: number;
}

export interface Progress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** A file that belongs beside the others and can be made only once they are hashed, such as a signature over them. */
export interface Seal {
  /** One plain name, in the directory itself. A file of this name that is there already is made anew. */
  readonly name: string;
  readonly make: (files: readonly CheckpointFile[]) => Uint8Array;
}

export interface AddOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Sees the bytes of the file at this path as they are hashed, or null. */
  readonly look?: (path: string) => Look | null;
  readonly seal?: Seal;
}

/** What serves blocks: all that the blob protocol needs of a store. */
export interface BlockReader {
  hasBlock(cid: ContentId): Promise<boolean>;
  /**
   * The block, checked against its CID as it is read; null when the store has none. @param into a buffer of 1 MiB that
   * a leaf may be read to
   * @throws OversightError `blob-corrupt` when the file that held it has changed or gone.
   */
  block(cid: ContentId, into?: Uint8Array): Promise<Uint8Array | null>;
}

/** Checkpoints by content. Every adapter passes test/compliance/checkpoint-store.*.test.ts. */
export interface CheckpointStore extends BlockReader, AsyncDisposable {
  /**
   * Names a directory and keeps a reference to its files; nothing is copied. The files must stay as they are. Entries
   * whose name starts with a dot are left out, as `ipfs add -r` does.
   * @throws OversightError `checkpoint-invalid` (with `details.reason`), `disk-full`, `cancelled`.
   */
  add(directory: string, options: AddOptions): Promise<Checkpoint>;
  /** True when the whole directory is here. */
  has(cid: ContentId): Promise<boolean>;
  stat(cid: ContentId): Promise<StoredCheckpoint | null>;
  list(): Promise<readonly StoredCheckpoint[]>;
  /** Absolute path of the whole directory: read-only for a fetched one, the publisher's own for a published one. */
  directory(cid: ContentId): Promise<string>;
  /** Reads every block again. @throws OversightError `blob-corrupt`, `blob-not-found`, `cancelled`. */
  verify(cid: ContentId, options: { readonly signal: AbortSignal }): Promise<void>;
  /**
   * Forgets a checkpoint, whole or in part, and deletes the files the store owns, never a publisher's. False when there
   * was nothing, or while it is being fetched.
   */
  remove(cid: ContentId): Promise<boolean>;
  /** What fetches that were cut off have left, and no fetch is going on with. */
  partial(): Promise<readonly PartialCheckpoint[]>;
  /**
   * Opens the place where a fetched checkpoint grows. Waits while another fetch of it is under way; null when it is
   * whole already. What an earlier attempt left is kept.
   */
  receive(cid: ContentId, options: { readonly signal: AbortSignal }): Promise<Incoming | null>;
}

export interface IncomingFile {
  readonly path: string;
  readonly cid: ContentId;
  readonly sizeBytes: number;
  readonly leaves: readonly Leaf[];
}

export interface Layout {
  /** Relative paths, parents before children, the root left out. */
  readonly folders: readonly string[];
  readonly files: readonly IncomingFile[];
}

export interface MissingLeaf extends Leaf {
  readonly path: string;
}

/** A checkpoint on its way in. Invisible until `finish`; disposing it before keeps what has come for the next attempt. */
export interface Incoming extends AsyncDisposable {
  node(cid: ContentId): Uint8Array | null;
  putNode(block: VerifiedBlock): void;
  /**
   * Makes room for the files and returns the leaves that are not on disk yet; those an earlier attempt wrote are hashed
   * again before they count. @throws OversightError `disk-full`
   */
  prepare(layout: Layout, options: { readonly signal: AbortSignal }): Promise<readonly MissingLeaf[]>;
  /** @throws OversightError `disk-full` */
  writeLeaf(leaf: MissingLeaf, block: VerifiedBlock): Promise<void>;
  /** Hashes, flushes, makes read-only and shows the whole. Call once every missing leaf is written. */
  finish(options: { readonly signal: AbortSignal }): Promise<Checkpoint>;
}
