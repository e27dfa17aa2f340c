import { equalBytes } from '../base/bytes.ts';
import type { Sha256 } from '../codec/cid.ts';
import { Frontier } from './frontier.ts';
import { emptyRoot, HASH_BYTES, type Hash, NODE, nodeHash, pureSha256 } from './hash.ts';

/** Leaves that a level has room for at first; most feeds are short. */
const FIRST_ROOM = 16;

/**
 * The Merkle tree of one feed (RFC 6962 §2.1). Holds the hash of every leaf and of every complete subtree, 64 bytes
 * a leaf (up to 128 where its buffers have just grown), so that the root and the proofs of every size it has had cost
 * O(log n) hashes.
 */
export class MerkleTree {
  readonly #sha256: Sha256;
  /** `#levels[k]` holds the roots of the complete subtrees of 2^k leaves, in order. */
  readonly #levels: Uint8Array[] = [];
  /** What is hashed into a node, used again each time. spec 12-feeds §1.3 */
  readonly #pair = new Uint8Array(1 + 2 * HASH_BYTES).fill(NODE, 0, 1);
  #size = 0;
  /** Of how many leaves, from the first, the levels hold the nodes: more than the size where more were looked at. */
  #hashed = 0;

  constructor(sha256: Sha256 = pureSha256) {
    this.#sha256 = sha256;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Hash): void {
    if (leaf.length !== HASH_BYTES) throw new TypeError('a leaf is a hash of 32 bytes');
    if (this.#size < this.#hashed && equalBytes(this.#at(0, this.#size), leaf)) {
      this.#size += 1;
      return;
    }
    let index = this.#size;
    let held = this.#put(0, index, leaf);
    for (let level = 1; index % 2 === 1; level++) {
      // the two under a node lie beside each other
      this.#pair.set(held.subarray((index - 1) * HASH_BYTES, (index + 1) * HASH_BYTES), 1);
      index = (index - 1) / 2;
      held = this.#put(level, index, this.#sha256(this.#pair));
    }
    this.#size += 1;
    this.#hashed = this.#size;
  }

  /** The root that the tree would have with these leaves too. What is hashed for it is not hashed again to append them. */
  rootWith(leaves: readonly Hash[]): Hash {
    const size = this.#size;
    try {
      for (const leaf of leaves) this.append(leaf);
      return this.root();
    } finally {
      this.#size = size;
    }
  }

  leaf(index: number): Hash {
    return this.subtree(0, index);
  }

  /**
   * The root of leaves [index * 2^level, (index + 1) * 2^level).
   * @throws RangeError unless the tree has them all
   */
  subtree(level: number, index: number): Hash {
    const width = 2 ** level;
    if (!isCount(level) || !isCount(index) || (index + 1) * width > this.#size)
      throw new RangeError(`no subtree ${index} of level ${level} in ${this.#size} leaves`);
    return this.#at(level, index).slice();
  }

  /** The root when the tree had `size` leaves. spec 12-feeds §1.3, §1.4 */
  root(size = this.#size): Hash {
    this.#mustHold(size);
    return size === 0 ? emptyRoot() : this.#range(0, size);
  }

  /** The path from leaf `index` to the root of size `size`, from its sibling upward. spec 12-feeds §1.5 */
  inclusionProof(index: number, size = this.#size): Hash[] {
    this.#mustHold(size);
    if (!isCount(index) || index >= size) throw new RangeError(`no leaf ${index} in ${size}`);
    const path: Hash[] = [];
    let start = 0;
    let end = size;
    while (end - start > 1) {
      const middle = start + splitOf(end - start);
      if (index < middle) {
        path.push(this.#range(middle, end));
        end = middle;
      } else {
        path.push(this.#range(start, middle));
        start = middle;
      }
    }
    return path.reverse();
  }

  /** What shows that the tree of `to` leaves begins with that of `from`; empty where `from` is 0 or `to`. spec 12-feeds §1.6 */
  consistencyProof(from: number, to = this.#size): Hash[] {
    this.#mustHold(to);
    if (!isCount(from) || from > to) throw new RangeError(`no size ${from} before ${to}`);
    if (from === 0 || from === to) return [];
    const path: Hash[] = [];
    let start = 0;
    let end = to;
    while (from !== end) {
      const middle = start + splitOf(end - start);
      if (from <= middle) {
        path.push(this.#range(middle, end));
        end = middle;
      } else {
        path.push(this.#range(start, middle));
        start = middle;
      }
    }
    // a subtree that begins the tree is the root of `from` itself, which the verifier has
    if (start > 0) path.push(this.#range(start, end));
    return path.reverse();
  }

  /** Forgets all leaves from `size` on. */
  truncate(size: number): void {
    this.#mustHold(size);
    this.#size = size;
    this.#hashed = size;
  }

  frontier(): Frontier {
    const peaks: Hash[] = [];
    for (let start = 0; start < this.#size; ) {
      const width = peakOf(this.#size - start);
      peaks.push(this.#range(start, start + width));
      start += width;
    }
    return new Frontier(this.#sha256, this.#size, peaks);
  }

  /** The root of leaves [start, end), where start is a multiple of the largest power of two up to end - start. A copy. */
  #range(start: number, end: number): Hash {
    const parts: Hash[] = [];
    for (let at = start; at < end; ) {
      const width = peakOf(end - at);
      parts.push(this.#at(Math.log2(width), at / width));
      at += width;
    }
    if (parts.length === 1) return (parts[0] as Hash).slice();
    return parts.reduceRight((right, left) => nodeHash(left, right, this.#sha256));
  }

  /** A view, to be copied before it leaves this class. */
  #at(level: number, index: number): Uint8Array {
    return (this.#levels[level] as Uint8Array).subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }

  /** @returns all of the level */
  #put(level: number, index: number, node: Hash): Uint8Array {
    let held = this.#levels[level] ?? new Uint8Array(level === 0 ? FIRST_ROOM * HASH_BYTES : HASH_BYTES);
    if ((index + 1) * HASH_BYTES > held.length) {
      const wider = new Uint8Array(2 * held.length);
      wider.set(held);
      held = wider;
    }
    this.#levels[level] = held;
    held.set(node, index * HASH_BYTES);
    return held;
  }

  #mustHold(size: number): void {
    if (!isCount(size) || size > this.#size) throw new RangeError(`no size ${size} in ${this.#size} leaves`);
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** The largest power of two up to n. */
function peakOf(n: number): number {
  let power = 1;
  while (2 * power <= n) power *= 2;
  return power;
}

/** The largest power of two below n: where RFC 6962 divides n leaves. @param n 2 or more */
function splitOf(n: number): number {
  const power = peakOf(n);
  return power === n ? n / 2 : power;
}
