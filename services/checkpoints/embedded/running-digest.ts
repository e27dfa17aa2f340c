import { createHash } from 'node:crypto';
import { toHex } from '../../../protocols/base/bytes.ts';
import type { Leaf } from '../unixfs/file-dag.ts';
import { LEAF_BYTES } from '../unixfs/profile.ts';

/** Reads one leaf of the file that is already written, into the buffer. */
export type ReadLeaf = (leaf: Leaf, into: Buffer) => Promise<Uint8Array>;

/**
 * The sha256 of a file whose leaves come in any order, taken on while they come: a pass of its own when all are there
 * would cost a fetch a third of its time. Leaves that came early are read back, from memory as a rule.
 */
export class RunningDigest {
  readonly #leaves: readonly Leaf[];
  readonly #read: ReadLeaf;
  readonly #hash = createHash('sha256');
  /** Offsets of leaves that are written and not yet hashed. */
  readonly #written = new Set<number>();
  #next = 0;
  #isBusy = false;
  #buffer: Buffer | null = null;

  /** @param leaves in the file's order */
  constructor(leaves: readonly Leaf[], read: ReadLeaf) {
    this.#leaves = leaves;
    this.#read = read;
  }

  /** Notes a leaf as written. @param bytes its content, where that is at hand; used before this returns */
  async written(leaf: Leaf, bytes: Uint8Array | null): Promise<void> {
    if (bytes !== null && !this.#isBusy && this.#leaves[this.#next]?.offset === leaf.offset) {
      this.#hash.update(bytes);
      this.#next++;
    } else {
      this.#written.add(leaf.offset);
    }
    await this.#goOn();
  }

  /** Whoever finds nobody at it takes the digest on as far as it goes. */
  async #goOn(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (;;) {
        const leaf = this.#leaves[this.#next];
        if (leaf === undefined || !this.#written.has(leaf.offset)) return;
        this.#buffer ??= Buffer.allocUnsafe(LEAF_BYTES);
        this.#hash.update(await this.#read(leaf, this.#buffer));
        this.#written.delete(leaf.offset);
        this.#next++;
      }
    } finally {
      this.#isBusy = false;
      if (this.#written.size === 0) this.#buffer = null;
    }
  }

  /** In hexadecimal. @throws RangeError before every leaf is written */
  end(): string {
    if (this.#next < this.#leaves.length) throw new RangeError('a digest of a file that is not whole');
    return toHex(this.#hash.digest());
  }
}
