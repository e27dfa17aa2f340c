import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8 } from '../base/bytes.ts';
import { NOTE_KEY_NAME_LIMIT_CHARS } from '../base/limits.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { isNoteText } from './note-text.ts';

export const KEY_ID_BYTES = 4;
const ED25519_BYTES = 32;

/** Algorithms of note signatures that this protocol makes and checks. C2SP signed-note, tlog-cosignature */
export const NOTE_KEY_TYPE = { ed25519: 0x01, cosignature: 0x04 } as const;
export type NoteKeyType = (typeof NOTE_KEY_TYPE)[keyof typeof NOTE_KEY_TYPE];

export interface NoteKey {
  readonly name: string;
  readonly type: NoteKeyType;
  /** 32 bytes, Ed25519 */
  readonly publicKey: Uint8Array;
}

/** spec 12-feeds §2.2: neither empty, nor with Unicode spaces, control characters or a plus. */
export function isKeyName(text: string): boolean {
  return (
    text.length > 0 &&
    text.length <= NOTE_KEY_NAME_LIMIT_CHARS &&
    isNoteText(text) &&
    !/[\p{White_Space}+]/u.test(text)
  );
}

/** uint32: the first four bytes of H(name || 0a || type || key). spec 12-feeds §2.3 */
export function keyId(name: string, type: NoteKeyType, publicKey: Uint8Array): number {
  const digest = sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(type), publicKey));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}

/** `name+keyid+key`, as other tools take it. spec 12-feeds §2.6 @throws TypeError unless the name is one of a key */
export function formatVkey({ name, type, publicKey }: NoteKey): string {
  if (!isKeyName(name) || publicKey.length !== ED25519_BYTES) throw new TypeError('not a key of notes');
  const id = keyId(name, type, publicKey).toString(16).padStart(8, '0');
  return `${name}+${id}+${toBase64(concatBytes(Uint8Array.of(type), publicKey))}`;
}

/** One key has one spelling. spec 12-feeds §2.6 */
export function parseVkey(text: string): Result<NoteKey, 'vkey-invalid'> {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text);
  const bytes = fromBase64(match?.[3] ?? '');
  const [type] = bytes ?? [];
  const name = match?.[1] ?? '';
  if (bytes === null || !isNoteKeyType(type) || !isKeyName(name))
    return refuse('vkey-invalid', 'not name+keyid+key of a known type');
  const key = { name, type, publicKey: bytes.slice(1) };
  return formatVkey(key) === text ? accept(key) : refuse('vkey-invalid', 'the key id is not that of the key');
}

function isNoteKeyType(type: number | undefined): type is NoteKeyType {
  return type === NOTE_KEY_TYPE.ed25519 || type === NOTE_KEY_TYPE.cosignature;
}
