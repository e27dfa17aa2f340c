export { Frontier } from './frontier.ts';
export { emptyRoot, HASH_BYTES, type Hash, leafHash, nodeHash } from './hash.ts';
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
export {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './proofs.ts';
export { MerkleTree } from './tree.ts';
