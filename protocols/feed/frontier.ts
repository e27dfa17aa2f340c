import type { Sha256 } from '../codec/cid.ts';
import { emptyRoot, HASH_BYTES, type Hash, NodeHasher, pureSha256 } from './hash.ts';

/** A tree of which only the roots of its complete subtrees are held: it grows and gives its root, in O(log n) memory. */
export class Frontier {
  readonly #sha256: Sha256;
  readonly #nodes: NodeHasher;
  /** The largest subtree first; one for each 1 in the binary form of the size. */
  readonly #peaks: Hash[];
  #size: number;

  /**
   * Empty, or the tree of `size` leaves with these peaks, the largest subtree first.
   * @throws TypeError when their number is not that of the ones in the binary form of the size
   */
  constructor(sha256: Sha256 = pureSha256, size = 0, peaks: readonly Hash[] = []) {
    if (!Number.isSafeInteger(size) || size < 0) throw new TypeError(`${size} is no size of a tree`);
    if (peaks.length !== onesOf(size) || peaks.some((peak) => peak.length !== HASH_BYTES))
      throw new TypeError(`not the peaks of a tree of ${size} leaves`);
    this.#sha256 = sha256;
    this.#nodes = new NodeHasher(sha256);
    this.#size = size;
    this.#peaks = [...peaks];
  }

  get size(): number {
    return this.#size;
  }

  /** Roots of the complete subtrees, the largest first: with the size, all there is to store. */
  get peaks(): Hash[] {
    return [...this.#peaks];
  }

  append(leaf: Hash): void {
    if (leaf.length !== HASH_BYTES) throw new TypeError('a leaf is a hash of 32 bytes');
    let node: Hash = new Uint8Array(leaf);
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2)
      node = this.#nodes.hash(this.#peaks.pop() as Hash, node);
    this.#peaks.push(node);
    this.#size += 1;
  }

  root(): Hash {
    if (this.#size === 0) return emptyRoot();
    return this.#peaks.reduceRight((right, left) => this.#nodes.hash(left, right));
  }

  clone(): Frontier {
    return new Frontier(this.#sha256, this.#size, this.#peaks);
  }
}

function onesOf(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
