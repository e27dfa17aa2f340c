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
  const bytes = new Uint8Array(1 + entry.length);
  bytes[0] = LEAF;
  bytes.set(entry, 1);
  return sha256(bytes);
}

/** spec 12-feeds §1.3 */
export function nodeHash(left: Hash, right: Hash, sha256: Sha256 = pureSha256): Hash {
  const bytes = new Uint8Array(1 + 2 * HASH_BYTES);
  bytes[0] = NODE;
  bytes.set(left, 1);
  bytes.set(right, 1 + HASH_BYTES);
  return sha256(bytes);
}

/** The root of a tree without leaves: the hash of nothing. spec 12-feeds §1.4 */
export function emptyRoot(): Hash {
  return pureSha256(new Uint8Array());
}

export { pureSha256 };
