import { equalBytes } from '../base/bytes.ts';
import { PROOF_HASHES_LIMIT } from '../base/limits.ts';
import type { Sha256 } from '../codec/cid.ts';
import { emptyRoot, HASH_BYTES, type Hash, nodeHash, pureSha256 } from './hash.ts';

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  /** `leafHash` of the entry. */
  readonly leaf: Hash;
  readonly root: Hash;
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Hash[];
}

export interface ConsistencyClaim {
  readonly from: number;
  readonly fromRoot: Hash;
  readonly to: number;
  readonly toRoot: Hash;
  readonly proof: readonly Hash[];
}

/** Whether the tree of `size` leaves with this root has this leaf at this index. RFC 9162 §2.1.3.2, spec 12-feeds §1.5 */
export function verifyInclusion(claim: InclusionClaim, sha256: Sha256 = pureSha256): boolean {
  const { index, size, leaf, root, proof } = claim;
  if (!areCounts(index, size) || index >= size || !isPath(proof) || !areHashes(leaf, root)) return false;
  let at = index;
  let last = size - 1;
  let node = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sibling, node, sha256);
      // a node without a sibling rises as it is
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else {
      node = nodeHash(node, sibling, sha256);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(node, root);
}

/** Whether the tree with `toRoot` begins with all of the tree with `fromRoot`. RFC 9162 §2.1.4.2, spec 12-feeds §1.6 */
export function verifyConsistency(claim: ConsistencyClaim, sha256: Sha256 = pureSha256): boolean {
  const { from, fromRoot, to, toRoot, proof } = claim;
  if (!areCounts(from, to) || from > to || !isPath(proof) || !areHashes(fromRoot, toRoot)) return false;
  if ((from === 0 && !equalBytes(fromRoot, emptyRoot())) || (to === 0 && !equalBytes(toRoot, emptyRoot())))
    return false;
  if (from === to) return proof.length === 0 && equalBytes(fromRoot, toRoot);
  if (from === 0) return proof.length === 0;
  let at = from - 1;
  let last = to - 1;
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // `from` a power of two: the path begins at the old root itself
  const [first, ...rest] = at === 0 ? [fromRoot, ...proof] : proof;
  if (first === undefined) return false;
  let older = first;
  let newer = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      older = nodeHash(sibling, older, sha256);
      newer = nodeHash(sibling, newer, sha256);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else {
      newer = nodeHash(newer, sibling, sha256);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(older, fromRoot) && equalBytes(newer, toRoot);
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function areCounts(...values: readonly number[]): boolean {
  return values.every((value) => Number.isSafeInteger(value) && value >= 0);
}

/** spec 01-limits §17 */
function isPath(proof: readonly Uint8Array[]): boolean {
  return proof.length <= PROOF_HASHES_LIMIT && areHashes(...proof);
}

function areHashes(...values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === HASH_BYTES);
}
