import { concatBytes, utf8 } from '../base/bytes.ts';
import type { FederationId, MemberKey } from '../base/ids.ts';
import { parseDidKey } from '../identity/did-key.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { verifyStrict } from '../identity/strict.ts';
import type { Signer } from '../message/index.ts';
import type { NoteSignature, NoteVerifier } from './note.ts';
import { keyId, NOTE_KEY_TYPE, type NoteKey } from './note-key.ts';

/** spec 14-witnesses §1.2 */
const HEADER = 'cosignature/v1\n';
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** As of `time`, the largest consistent head that the witness has seen of a log is the one of the signed text. */
export interface Cosignature {
  /** Seconds since 1970. */
  readonly time: number;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** The name under which a member cosigns. spec 14-witnesses §1.5 */
export function witnessName(federation: FederationId, witness: MemberKey): string {
  return `analog-oversight/witness/${federation}/${witness.slice('did:key:'.length)}`;
}

/** @throws TypeError unless the key is a did:key of Ed25519 */
export function witnessNoteKey(federation: FederationId, witness: MemberKey): NoteKey {
  const publicKey = parseDidKey('ed25519', witness);
  if (publicKey === null) throw new TypeError(`${witness} is no Ed25519 key`);
  return { name: witnessName(federation, witness), type: NOTE_KEY_TYPE.cosignature, publicKey };
}

/** What a cosignature signs. spec 14-witnesses §1.2 @param text UTF-8 of the checkpoint's text, last line feed included */
function cosignedBytes(text: Uint8Array, time: number): Uint8Array {
  return concatBytes(utf8(`${HEADER}time ${time}\n`), text);
}

/** @param time seconds since 1970 */
export function cosign(text: Uint8Array, time: number, signer: Signer): Cosignature {
  if (!isTime(time)) throw new TypeError(`${time} is no time in seconds`);
  return { time, signature: signer.ed25519.sign(signer.seed, cosignedBytes(text, time)) };
}

/** spec 14-witnesses §1.3 @param witness 32 bytes */
export function verifyCosignature(
  text: Uint8Array,
  { time, signature }: Cosignature,
  witness: Uint8Array,
  ed25519: Ed25519,
): boolean {
  return isTime(time) && verifyStrict(ed25519, witness, signature, cosignedBytes(text, time));
}

/** As a line of a note: the time in eight bytes, big-endian, then the signature. spec 14-witnesses §1.4 */
export function cosignatureLine(
  { name, type, publicKey }: NoteKey,
  { time, signature }: Cosignature,
): NoteSignature {
  const bytes = new Uint8Array(TIME_BYTES + SIGNATURE_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(time));
  bytes.set(signature, TIME_BYTES);
  return { name, keyId: keyId(name, type, publicKey), signature: bytes };
}

/** The bytes of a signature line read as a cosignature, which is not verified; null when they are none. spec 14-witnesses §1.4 */
export function parseCosignatureUnverified(bytes: Uint8Array): Cosignature | null {
  if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return null;
  const time = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  return isTime(time) ? { time, signature: bytes.slice(TIME_BYTES) } : null;
}

/** A witness whose cosignatures a reader of notes knows. spec 14-witnesses §1.4 */
export function cosignatureVerifier({ name, type, publicKey }: NoteKey, ed25519: Ed25519): NoteVerifier {
  return {
    name,
    keyId: keyId(name, type, publicKey),
    verify: (text, bytes) => {
      const cosignature = parseCosignatureUnverified(bytes);
      return cosignature !== null && verifyCosignature(text, cosignature, publicKey, ed25519);
    },
  };
}

/** No time above 2^53 seconds is told from its neighbours, and none is true. */
function isTime(time: number): boolean {
  return Number.isSafeInteger(time) && time >= 0;
}
