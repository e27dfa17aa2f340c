import { utf8 } from '../base/bytes.ts';
import { PROOF_HASHES_LIMIT, TLOG_PROOF_LIMIT_BYTES } from '../base/limits.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import type { Sha256 } from '../codec/cid.ts';
import { type Checkpoint, parseCheckpointText, parseSize } from './checkpoint.ts';
import { HASH_BYTES, type Hash, leafHash } from './hash.ts';
import {
  type NoteSignature,
  type NoteUnverified,
  type NoteVerifier,
  parseNoteUnverified,
  verifyNote,
} from './note.ts';
import { decodeNoteText } from './note-text.ts';
import { verifyInclusion } from './proofs.ts';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';

/** A `.tlog-proof` file as parsed: nothing in it is verified. */
export interface TlogProofUnverified {
  readonly index: number;
  readonly path: readonly Hash[];
  /** Never authenticated; null where there is none. */
  readonly extra: Uint8Array | null;
  /** The checkpoint, cosignatures included. */
  readonly note: NoteUnverified;
}

/** What a reader of a proof trusts. */
export interface TlogProofTrust {
  /** The log's key; its name is the origin. */
  readonly log: NoteVerifier;
  readonly witnesses: readonly NoteVerifier[];
}

export interface VerifiedTlogProof {
  readonly index: number;
  readonly checkpoint: Checkpoint;
  /** Those of the witnesses known, each verified; what they add up to is the policy's business. */
  readonly cosignatures: readonly NoteSignature[];
}

export type TlogProofFault =
  | 'checkpoint-invalid'
  | 'wrong-log'
  | 'signature-invalid'
  | 'unsigned'
  | 'inclusion-invalid';

/** @param checkpoint the note, verbatim. spec 12-feeds §5.1 @throws TypeError when extra data is empty */
export function formatTlogProof(
  { index, path, extra }: Omit<TlogProofUnverified, 'note'>,
  checkpoint: string,
): string {
  if (extra?.length === 0) throw new TypeError('extra data that is none is left out');
  const lines = [
    FIRST_LINE,
    ...(extra === null ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...path.map(toBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** spec 12-feeds §5.1, §5.2 */
export function parseTlogProofUnverified(
  bytes: Uint8Array,
): Result<TlogProofUnverified, 'too-large' | 'proof-file-invalid' | 'note-invalid'> {
  // spec 12-feeds §5.2
  if (bytes.length > TLOG_PROOF_LIMIT_BYTES) return refuse('too-large', `${bytes.length} bytes of a proof`);
  const text = decodeNoteText(bytes);
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return refuse('proof-file-invalid', 'no empty line before the checkpoint');
  const [first, ...lines] = text.slice(0, end).split('\n');
  if (first !== FIRST_LINE) return refuse('proof-file-invalid', `the first line is not ${FIRST_LINE}`);
  const encoded = /^extra (.*)$/.exec(lines[0] ?? '')?.[1];
  const extra = encoded === undefined ? null : fromBase64(encoded);
  if (encoded !== undefined && (extra === null || extra.length === 0))
    return refuse('proof-file-invalid', 'extra data that is none');
  if (extra !== null) lines.shift();
  const index = parseSize(/^index (.+)$/.exec(lines.shift() ?? '')?.[1] ?? '');
  if (index === null) return refuse('proof-file-invalid', 'no index');
  // spec 12-feeds §5.2
  if (lines.length > PROOF_HASHES_LIMIT) return refuse('too-large', `${lines.length} hashes`);
  const path = lines.map(fromBase64);
  if (!areHashes(path)) return refuse('proof-file-invalid', 'a line that is no hash');
  const note = parseNoteUnverified(utf8(text.slice(end + 2)));
  return note.ok ? accept({ index, path, extra, note: note.value }) : note;
}

/** That the log has this entry, and which witnesses saw its head, from the file alone. spec 12-feeds §5.3 */
export function verifyTlogProof(
  proof: TlogProofUnverified,
  entry: Uint8Array,
  { log, witnesses }: TlogProofTrust,
  sha256?: Sha256,
): Result<VerifiedTlogProof, TlogProofFault> {
  const parsed = parseCheckpointText(proof.note.text);
  if (!parsed.ok) return parsed;
  const checkpoint = parsed.value;
  if (checkpoint.origin !== log.name) return refuse('wrong-log', 'the checkpoint of another log');
  const verified = verifyNote(proof.note, [log, ...witnesses]);
  if (!verified.ok) return verified;
  const isByLog = ({ name, keyId }: NoteSignature) => name === log.name && keyId === log.keyId;
  if (!verified.value.some(isByLog)) return refuse('unsigned', 'not signed by the log');
  const { size, root } = checkpoint;
  const leaf = leafHash(entry, sha256);
  if (!verifyInclusion({ index: proof.index, size, leaf, root, proof: proof.path }, sha256))
    return refuse('inclusion-invalid', 'the entry is not at this index under this root');
  const cosignatures = verified.value.filter((each) => !isByLog(each));
  return accept({ index: proof.index, checkpoint, cosignatures });
}

function areHashes(path: readonly (Uint8Array | null)[]): path is readonly Hash[] {
  return path.every((hash) => hash?.length === HASH_BYTES);
}
