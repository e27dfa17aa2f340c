import { sha256 as pureSha256 } from '@noble/hashes/sha2.js';
import type { Sha256 } from '../codec/cid.ts';

/** 32 bytes of sha2-256: a leaf, an inner node or a root. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;
/** Stands before an entry, so that no entry passes for a node. */
const LEAF = 0x00;
/** Stands before the two hashes of a node. */
export const NODE = 0x01;

/** The hash of an entry, that is of a message's wire bytes. spec 12-feeds §1.2 */
export function leafHash(entry: Uint8Array, sha256: Sha256 = pureSha256): Hash {
  return new LeafHasher(entry.length, sha256).hash(entry);
}

/** The same for many: a new array for each costs half as much as its hash (measured). */
export class LeafHasher {
  readonly #sha256: Sha256;
  readonly #room: Uint8Array;

  /** @param limitBytes of an entry */
  constructor(limitBytes: number, sha256: Sha256 = pureSha256) {
    this.#sha256 = sha256;
    this.#room = new Uint8Array(1 + limitBytes).fill(LEAF, 0, 1);
  }

  hash(entry: Uint8Array): Hash {
    this.#room.set(entry, 1);
    return this.#sha256(this.#room.subarray(0, 1 + entry.length));
  }
}

/** spec 12-feeds §1.3 */
export function nodeHash(left: Hash, right: Hash, sha256: Sha256 = pureSha256): Hash {
  return new NodeHasher(sha256).hash(left, right);
}

/** The same for many. */
export class NodeHasher {
  readonly #sha256: Sha256;
  readonly #room = new Uint8Array(1 + 2 * HASH_BYTES).fill(NODE, 0, 1);

  constructor(sha256: Sha256 = pureSha256) {
    this.#sha256 = sha256;
  }

  hash(left: Hash, right: Hash): Hash {
    this.#room.set(left, 1);
    this.#room.set(right, 1 + HASH_BYTES);
    return this.#sha256(this.#room);
  }
}

/** The root of a tree without leaves: the hash of nothing. spec 12-feeds §1.4 */
export function emptyRoot(): Hash {
  return pureSha256(new Uint8Array());
}

export { pureSha256 };
