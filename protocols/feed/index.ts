export { type Checkpoint, formatCheckpointText, parseCheckpointText, parseSize } from './checkpoint.ts';
export {
  type Cosignature,
  cosign,
  cosignatureLine,
  cosignatureVerifier,
  parseCosignatureUnverified,
  verifyCosignature,
  witnessName,
  witnessNoteKey,
} from './cosignature.ts';
export { Frontier } from './frontier.ts';
export { emptyRoot, HASH_BYTES, type Hash, LeafHasher, leafHash, nodeHash } from './hash.ts';
export {
  checkpointNote,
  checkpointText,
  feedNoteKey,
  type Head,
  type HeadRefusal,
  origin,
  parseHeadUnverified,
  parseOrigin,
  readHead,
  signHead,
  verifyHead,
} from './head.ts';
export {
  ed25519Verifier,
  formatNote,
  type NoteRefusal,
  type NoteSignature,
  type NoteUnverified,
  type NoteVerifier,
  parseNoteUnverified,
  parseSignatureLine,
  signatureLine,
  verifyNote,
} from './note.ts';
export {
  formatVkey,
  isKeyName,
  keyId,
  NOTE_KEY_TYPE,
  type NoteKey,
  type NoteKeyType,
  parseVkey,
} from './note-key.ts';
export { noteVerifier } from './note-verifier.ts';
export {
  formatWitnessPolicy,
  type PolicyLog,
  type PolicyWitness,
  parseWitnessPolicy,
  type WitnessPolicyFile,
} from './policy-file.ts';
export {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './proofs.ts';
export {
  decodeEntryBundle,
  encodeEntryBundle,
  formatTilePath,
  parseTilePath,
  TILE_WIDTH,
  type TileName,
  tileBytes,
  tileWidth,
} from './tiles.ts';
export {
  formatTlogProof,
  parseTlogProofUnverified,
  type TlogProofFault,
  type TlogProofTrust,
  type TlogProofUnverified,
  type VerifiedTlogProof,
  verifyTlogProof,
} from './tlog-proof.ts';
export { MerkleTree } from './tree.ts';
export {
  cosignedAnswer,
  readWitnessAnswer,
  refusedAnswer,
  type WitnessAnswer,
  type WitnessReply,
} from './witness-answer.ts';
export { quorumTime, type WitnessGroup, type WitnessPolicy } from './witness-policy.ts';
export {
  formatWitnessRequest,
  judgeAuthor,
  judgeGrowth,
  parseWitnessRequestUnverified,
  type SignedCheckpoint,
  WITNESS_STATUS,
  type WitnessedHead,
  type WitnessRefusal,
  type WitnessRequestUnverified,
} from './witness-request.ts';
