import type { ContentId } from '../../../protocols/base/ids.ts';
import type {
  AddOptions,
  Checkpoint,
  CheckpointStore,
  Incoming,
  PartialCheckpoint,
  StoredCheckpoint,
} from '../store.ts';
import type { Kubo } from './kubo.ts';

/** A store whose published checkpoints are also added to a Kubo daemon, under the same CIDs or not at all. */
export class MirroredStore implements CheckpointStore {
  readonly #local: CheckpointStore;
  readonly #kubo: Kubo;
  readonly #closing = new AbortController();

  /** Owns `local`. */
  constructor(local: CheckpointStore, kubo: Kubo) {
    this.#local = local;
    this.#kubo = kubo;
  }

  async add(directory: string, options: AddOptions): Promise<Checkpoint> {
    const known = new Set((await this.#local.list()).map((checkpoint) => checkpoint.cid));
    const checkpoint = await this.#local.add(directory, options);
    try {
      await this.#kubo.add(checkpoint, await this.#local.directory(checkpoint.cid), options);
    } catch (error) {
      if (!known.has(checkpoint.cid)) await this.#local.remove(checkpoint.cid);
      throw error;
    }
    return checkpoint;
  }

  /** Kubo has a copy of its own, so a publisher's changed file is still served, from there. */
  async block(cid: ContentId, into?: Uint8Array): Promise<Uint8Array | null> {
    try {
      return await this.#local.block(cid, into);
    } catch (error) {
      const copy = await this.#kubo.block(cid, { signal: this.#closing.signal });
      if (copy === null) throw error;
      return copy.bytes;
    }
  }

  async remove(cid: ContentId): Promise<boolean> {
    // at once here: whoever asks knows now that nobody needs it
    const removed = await this.#local.remove(cid);
    await this.#kubo.unpin(cid, { signal: this.#closing.signal });
    return removed;
  }

  partial(): Promise<readonly PartialCheckpoint[]> {
    return this.#local.partial();
  }

  hasBlock(cid: ContentId): Promise<boolean> {
    return this.#local.hasBlock(cid);
  }

  has(cid: ContentId): Promise<boolean> {
    return this.#local.has(cid);
  }

  stat(cid: ContentId): Promise<StoredCheckpoint | null> {
    return this.#local.stat(cid);
  }

  list(): Promise<readonly StoredCheckpoint[]> {
    return this.#local.list();
  }

  directory(cid: ContentId): Promise<string> {
    return this.#local.directory(cid);
  }

  verify(cid: ContentId, options: { readonly signal: AbortSignal }): Promise<void> {
    return this.#local.verify(cid, options);
  }

  receive(cid: ContentId, options: { readonly signal: AbortSignal }): Promise<Incoming | null> {
    return this.#local.receive(cid, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#local[Symbol.asyncDispose]();
  }
}
