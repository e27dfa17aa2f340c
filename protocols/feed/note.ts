import { utf8 } from '../base/bytes.ts';
import { NOTE_LIMIT_BYTES, NOTE_SIGNATURES_LIMIT } from '../base/limits.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { verifyStrict } from '../identity/strict.ts';
import { isKeyName, KEY_ID_BYTES, keyId, NOTE_KEY_TYPE } from './note-key.ts';
import { decodeNoteText, isNoteText } from './note-text.ts';

/** Opens a signature line: em dash, space. */
const MARK = '\u2014 ';

/** One line under a note; what it says is not verified. */
export interface NoteSignature {
  readonly name: string;
  /** uint32 */
  readonly keyId: number;
  /** What the key's algorithm made: 64 bytes for type 01, 72 for a cosignature. */
  readonly signature: Uint8Array;
}

/** A note as parsed: nothing in it is verified. */
export interface NoteUnverified {
  /** Ends with a line feed; the signatures are over its UTF-8. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export type NoteRefusal = 'too-large' | 'note-invalid';

/** spec 12-feeds §2.1 to §2.4 */
export function parseNoteUnverified(bytes: Uint8Array): Result<NoteUnverified, NoteRefusal> {
  // spec 12-feeds §2.4
  if (bytes.length > NOTE_LIMIT_BYTES) return refuse('too-large', `${bytes.length} bytes of a note`);
  const all = decodeNoteText(bytes);
  // spec 12-feeds §2.1
  if (all === null) return refuse('note-invalid', 'not UTF-8, or control characters');
  const end = all.lastIndexOf('\n\n');
  if (end < 0 || !all.endsWith('\n')) return refuse('note-invalid', 'no empty line before the signatures');
  const lines = all.slice(end + 2, -1).split('\n');
  // spec 12-feeds §2.4
  if (lines.length > NOTE_SIGNATURES_LIMIT) return refuse('too-large', `${lines.length} signatures`);
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === null) return refuse('note-invalid', 'a line that is no signature');
    signatures.push(signature);
  }
  return accept({ text: all.slice(0, end + 1), signatures });
}

/** @throws TypeError when text or names are not what a note may hold, or there is no signature */
export function formatNote(text: string, signatures: readonly NoteSignature[]): string {
  if (!text.endsWith('\n') || !isNoteText(text)) throw new TypeError('not the text of a note');
  if (signatures.length === 0) throw new TypeError('a note has a signature');
  return `${text}\n${signatures.map(signatureLine).join('')}`;
}

/** With its line feed: what a witness answers. spec 12-feeds §2.2 @throws TypeError unless the name is one of a key */
export function signatureLine({ name, keyId: id, signature }: NoteSignature): string {
  if (!isKeyName(name) || signature.length === 0) throw new TypeError('not a signature of a note');
  const bytes = new Uint8Array(KEY_ID_BYTES + signature.length);
  new DataView(bytes.buffer).setUint32(0, id);
  bytes.set(signature, KEY_ID_BYTES);
  return `${MARK}${name} ${toBase64(bytes)}\n`;
}

/** One line without its line feed. Null unless it is the one spelling of a signature. spec 12-feeds §2.2 */
export function parseSignatureLine(line: string): NoteSignature | null {
  const [name, encoded, ...more] = line.startsWith(MARK) ? line.slice(MARK.length).split(' ') : [];
  if (name === undefined || encoded === undefined || more.length > 0 || !isKeyName(name)) return null;
  const bytes = fromBase64(encoded);
  if (bytes === null || bytes.length <= KEY_ID_BYTES) return null;
  const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { name, keyId: id, signature: bytes.slice(KEY_ID_BYTES) };
}

/** A key that a reader knows, and how its signatures are checked. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: number;
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

/** A key of type 01: Ed25519 over the text. spec 12-feeds §2.3 @param publicKey 32 bytes */
export function ed25519Verifier(name: string, publicKey: Uint8Array, backend: Ed25519): NoteVerifier {
  return {
    name,
    keyId: keyId(name, NOTE_KEY_TYPE.ed25519, publicKey),
    verify: (text, signature) => verifyStrict(backend, publicKey, signature, text),
  };
}

/**
 * The signatures by known keys, each of which verifies; those by other keys are passed over. spec 12-feeds §2.5
 * Refuses the note when one by a known key does not verify, or there is none.
 */
export function verifyNote(
  note: NoteUnverified,
  known: readonly NoteVerifier[],
): Result<readonly NoteSignature[], 'signature-invalid' | 'unsigned'> {
  const text = utf8(note.text);
  const verified: NoteSignature[] = [];
  for (const signature of note.signatures) {
    const key = known.find(({ name, keyId: id }) => name === signature.name && id === signature.keyId);
    if (key === undefined) continue;
    if (!key.verify(text, signature.signature))
      return refuse('signature-invalid', `the signature of ${signature.name} does not verify`);
    verified.push(signature);
  }
  return verified.length > 0 ? accept(verified) : refuse('unsigned', 'no signature by a known key');
}
