import { equalBytes, utf8 } from '../base/bytes.ts';
import { PROOF_HASHES_LIMIT, WITNESS_REQUEST_LIMIT_BYTES } from '../base/limits.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { type Checkpoint, parseCheckpointText, parseSize } from './checkpoint.ts';
import { HASH_BYTES, type Hash } from './hash.ts';
import { type NoteUnverified, type NoteVerifier, parseNoteUnverified, verifyNote } from './note.ts';
import { decodeNoteText } from './note-text.ts';
import { verifyConsistency } from './proofs.ts';

/** Why a witness does not cosign, with the status of each. spec 14-witnesses §3, in the order of the checks */
export const WITNESS_STATUS = {
  'request-malformed': 400,
  'log-unknown': 404,
  'signature-untrusted': 403,
  'old-too-large': 400,
  'old-stale': 409,
  'root-conflict': 409,
  'proof-invalid': 422,
} as const;
export type WitnessRefusal = keyof typeof WITNESS_STATUS;

/** A request as parsed: neither its checkpoint nor its proof is verified. */
export interface WitnessRequestUnverified {
  readonly oldSize: number;
  readonly proof: readonly Hash[];
  readonly note: NoteUnverified;
  readonly checkpoint: Checkpoint;
}

/** The head that a witness cosigned last; size 0 and the root of no leaves where it has none. */
export interface WitnessedHead {
  readonly size: number;
  readonly root: Hash;
}

/** spec 14-witnesses §2.1 @param note the signed checkpoint */
export function formatWitnessRequest(oldSize: number, proof: readonly Hash[], note: string): string {
  return `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`;
}

/** spec 14-witnesses §2 */
export function parseWitnessRequestUnverified(
  bytes: Uint8Array,
): Result<WitnessRequestUnverified, 'request-malformed'> {
  if (bytes.length > WITNESS_REQUEST_LIMIT_BYTES) return malformed('too large');
  const text = decodeNoteText(bytes);
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return malformed('no empty line before the checkpoint');
  const [first = '', ...lines] = text.slice(0, end).split('\n');
  const oldSize = parseSize(/^old (.*)$/.exec(first)?.[1] ?? '');
  if (oldSize === null) return malformed('no old size');
  if (lines.length > PROOF_HASHES_LIMIT) return malformed('too many hashes');
  const proof: Hash[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) return malformed('a line that is no hash');
    proof.push(hash);
  }
  const note = parseNoteUnverified(utf8(text.slice(end + 2)));
  if (!note.ok) return malformed(note.detail);
  const checkpoint = parseCheckpointText(note.value.text);
  if (!checkpoint.ok) return malformed(checkpoint.detail);
  return accept({ oldSize, proof, note: note.value, checkpoint: checkpoint.value });
}

/** A checkpoint that its author signed. */
export interface SignedCheckpoint extends WitnessedHead {
  readonly origin: string;
  /** 64 bytes, the author's. */
  readonly signature: Uint8Array;
}

/** The checks that need nothing but the author's key. spec 14-witnesses §3.2 to §3.4 @param author null when unknown */
export function judgeAuthor(
  { oldSize, note, checkpoint }: WitnessRequestUnverified,
  author: NoteVerifier | null,
): Result<SignedCheckpoint, WitnessRefusal> {
  const { origin, size, root, extensions } = checkpoint;
  // spec 14-witnesses §3.2
  if (author === null) return refuse('log-unknown', 'no feed of this federation has this origin');
  // spec 12-feeds §3.1: what a member could not be asked about is not cosigned
  if (extensions.length > 0) return malformed('the checkpoint of a feed has three lines');
  // spec 14-witnesses §3.3
  const verified = verifyNote(note, [author]);
  const [own] = verified.ok ? verified.value : [];
  if (own === undefined) return refuse('signature-untrusted', 'the author has not signed this checkpoint');
  // spec 14-witnesses §3.4
  if (oldSize > size) return refuse('old-too-large', 'the old size is above that of the checkpoint');
  return accept({ origin, size, root, signature: own.signature });
}

/** The checks against what was cosigned last: one step with storing the new head. spec 14-witnesses §3.5 to §3.7 */
export function judgeGrowth(
  { oldSize, proof, checkpoint }: WitnessRequestUnverified,
  last: WitnessedHead,
): Result<WitnessedHead, WitnessRefusal> {
  const { size, root } = checkpoint;
  // spec 14-witnesses §3.5
  if (oldSize !== last.size) return refuse('old-stale', `the last head cosigned has size ${last.size}`);
  // spec 14-witnesses §3.6
  if (size === last.size && size > 0 && !equalBytes(root, last.root)) {
    return refuse('root-conflict', 'another root of this size was cosigned');
  }
  // spec 14-witnesses §3.7
  if (!verifyConsistency({ from: last.size, fromRoot: last.root, to: size, toRoot: root, proof })) {
    return refuse('proof-invalid', 'the consistency proof does not verify');
  }
  return accept({ size, root });
}

function malformed(detail: string): Result<never, 'request-malformed'> {
  return refuse('request-malformed', detail);
}
