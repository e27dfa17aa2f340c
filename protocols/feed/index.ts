export { Frontier } from './frontier.ts';
export { emptyRoot, HASH_BYTES, type Hash, leafHash, nodeHash } from './hash.ts';
export {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './proofs.ts';
export { MerkleTree } from './tree.ts';
