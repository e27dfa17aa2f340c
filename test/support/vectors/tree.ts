import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import {
  type ConsistencyClaim,
  type Hash,
  type InclusionClaim,
  leafHash,
  MerkleTree,
  verifyConsistency,
  verifyInclusion,
} from '../../../protocols/feed/index.ts';

/** Entry i of a tree of `size` leaves is the text `entry i`; a feed's would be messages. */
export function entryOf(index: number): Uint8Array {
  return utf8(`entry ${index}`);
}

export function treeOf(size: number): MerkleTree {
  const tree = new MerkleTree();
  for (let i = 0; i < size; i++) tree.append(leafHash(entryOf(i)));
  return tree;
}

const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 13];
const tree = treeOf(13);
const other = leafHash(utf8('another entry'));

const included = (index: number, size: number): InclusionClaim => ({
  index,
  size,
  leaf: tree.leaf(index),
  root: tree.root(size),
  proof: tree.inclusionProof(index, size),
});
const consistent = (from: number, to: number): ConsistencyClaim => ({
  from,
  fromRoot: tree.root(from),
  to,
  toRoot: tree.root(to),
  proof: tree.consistencyProof(from, to),
});

function inclusionCases(): Record<string, InclusionClaim> {
  const claim = included(5, 8);
  const proofs = [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
    [4, 5],
    [5, 8],
    [6, 7],
    [12, 13],
    [3, 13],
  ] as const;
  return {
    ...Object.fromEntries(proofs.map(([index, size]) => [`${index}-in-${size}`, included(index, size)])),
    'hash-missing': { ...claim, proof: claim.proof.slice(0, -1) },
    'hash-too-many': { ...claim, proof: [...claim.proof, other] },
    'hash-changed': { ...claim, proof: [other, ...claim.proof.slice(1)] },
    'hashes-swapped': { ...claim, proof: claim.proof.toReversed() },
    'hash-short': { ...claim, proof: claim.proof.map((hash) => hash.subarray(1)) },
    'index-of-another': { ...claim, index: 4 },
    'index-at-the-end': { ...claim, index: 8 },
    'size-of-another': { ...claim, size: 4 },
    'leaf-of-another': { ...claim, leaf: other },
    'root-of-another': { ...claim, root: tree.root(7) },
  };
}

function consistencyCases(): Record<string, ConsistencyClaim> {
  const claim = consistent(6, 8);
  const proofs = [
    [0, 0],
    [0, 5],
    [1, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 8],
    [6, 8],
    [7, 13],
    [8, 13],
    [13, 13],
  ] as const;
  return {
    ...Object.fromEntries(proofs.map(([from, to]) => [`${from}-to-${to}`, consistent(from, to)])),
    'hash-missing': { ...claim, proof: claim.proof.slice(1) },
    'hash-too-many': { ...claim, proof: [...claim.proof, other] },
    'hash-changed': { ...claim, proof: [...claim.proof.slice(0, -1), other] },
    'old-root-of-another': { ...claim, fromRoot: other },
    'new-root-of-another': { ...claim, toRoot: other },
    'one-size-two-roots': { ...consistent(6, 6), toRoot: other },
    'one-size-with-a-hash': { ...consistent(6, 6), proof: [other] },
    backwards: { from: 8, fromRoot: tree.root(8), to: 6, toRoot: tree.root(6), proof: claim.proof },
    'from-nothing-with-a-hash': { ...consistent(0, 5), proof: [other] },
    'from-nothing-with-a-root': { ...consistent(0, 5), fromRoot: tree.root(1) },
  };
}

/** Every one but those named by two numbers is refused. */
function checked<T>(
  cases: Record<string, T>,
  verify: (claim: T) => boolean,
): { id: string; claim: T; accepted: boolean }[] {
  return Object.entries(cases).map(([id, claim]) => {
    const accepted = verify(claim);
    if (accepted !== /^\d+-(?:in|to)-\d+$/.test(id)) throw new TypeError(`${id}: ${accepted}`);
    return { id, claim, accepted };
  });
}

const hashes = (proof: readonly Hash[]) => proof.map(toHex);

export function buildTree() {
  return {
    roots: SIZES.map((size) => ({
      id: `size-${size}`,
      entries: Array.from({ length: size }, (_, i) => toHex(entryOf(i))),
      root: toHex(tree.root(size)),
    })),
    inclusion: checked(inclusionCases(), verifyInclusion).map(({ id, claim, accepted }) => ({
      id,
      index: claim.index,
      size: claim.size,
      leaf: toHex(claim.leaf),
      root: toHex(claim.root),
      proof: hashes(claim.proof),
      accepted,
    })),
    consistency: checked(consistencyCases(), verifyConsistency).map(({ id, claim, accepted }) => ({
      id,
      from: claim.from,
      fromRoot: toHex(claim.fromRoot),
      to: claim.to,
      toRoot: toHex(claim.toRoot),
      proof: hashes(claim.proof),
      accepted,
    })),
  };
}
