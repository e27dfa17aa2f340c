import nacl from 'tweetnacl';
import type { FederationId, MemberKey } from '../base/ids.ts';
import { findNotPlain, type Plain } from '../base/plain.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { decodeCanonical } from '../codec/codec.ts';
import { parseDidKey } from '../identity/did-key.ts';
import type { SealedCopy } from '../kinds/index.ts';
import { encodeOpening, type FieldContext, type Opening, SALT_BYTES } from './commitment.ts';
import { pad, unpad } from './padding.ts';

const SEALED_DOMAIN = 'analog-oversight/sealed/1';

/** What makes one copy unlike every other. Random, used once. */
export interface SealingDraw {
  /** X25519 secret, 32 bytes, thrown away afterwards. */
  readonly ephemeralSecret: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
}

export type SealRefusal = 'sealing-key-unsafe' | 'sealed-too-large';
export type CopyRefusal = 'box-closed' | 'opening-invalid' | 'opening-of-another';

/** A copy of salt, value and context that the holder of one sealing key opens. spec 20-disclosure §2 */
export function sealCopy(
  to: string,
  context: FieldContext,
  opening: Opening,
  { ephemeralSecret, nonce }: SealingDraw,
): Result<SealedCopy, SealRefusal> {
  const shared = sharedKey(parseDidKey('x25519', to), ephemeralSecret);
  // spec 20-disclosure §2.3
  if (shared === null) return refuse('sealing-key-unsafe', 'whoever has the box can open it');
  // spec 20-disclosure §2.2
  const padded = pad(encodeOpening(SEALED_DOMAIN, context, opening));
  if (padded === null) return refuse('sealed-too-large', 'the value is larger than the largest sealed copy');
  return accept({
    to,
    ephemeral: toBase64(nacl.box.keyPair.fromSecretKey(ephemeralSecret).publicKey),
    nonce: toBase64(nonce),
    box: toBase64(nacl.box.after(padded, nonce, shared)),
  });
}

/**
 * What a copy holds, if it is about this field. That it is what the author committed to is for the caller to see.
 * @param sealingSecret X25519, 32 bytes
 */
export function openCopy(
  copy: SealedCopy,
  context: FieldContext,
  sealingSecret: Uint8Array,
): Result<Opening, CopyRefusal> {
  const [ephemeral, nonce, box] = [copy.ephemeral, copy.nonce, copy.box].map(fromBase64);
  const shared = sharedKey(ephemeral ?? null, sealingSecret);
  // spec 20-disclosure §2.4
  const padded = shared && nonce?.length === 24 && box ? nacl.box.open.after(box, nonce, shared) : null;
  if (padded === null) return refuse('box-closed', 'this key does not open the box, or the box was changed');
  const bytes = unpad(padded);
  const decoded = bytes === null ? null : decodeCanonical(bytes);
  if (decoded === null || !decoded.ok || !isSealed(decoded.value))
    return refuse('opening-invalid', 'the box holds no opening');
  const [, federation, author, kind, field, salt, value] = decoded.value;
  // spec 20-disclosure §2.5
  const isHere =
    federation === context.federation &&
    author === context.author &&
    kind === context.kind &&
    field === context.field;
  return isHere
    ? accept({ salt, value })
    : refuse('opening-of-another', 'the box holds an opening of another field or message');
}

type Sealed = readonly [string, FederationId, MemberKey, string, string, Uint8Array, Plain];

function isSealed(value: unknown): value is Sealed {
  if (!Array.isArray(value) || value.length !== 7 || value[0] !== SEALED_DOMAIN) return false;
  const salt: unknown = value[5];
  return salt instanceof Uint8Array && salt.length === SALT_BYTES && findNotPlain(value[6], 2) === null;
}

/** Null where there is no key, or one of the few with which every secret gives the same (RFC 7748 §6.1). */
function sharedKey(publicKey: Uint8Array | null, secret: Uint8Array): Uint8Array | null {
  if (publicKey?.length !== 32) return null;
  if (nacl.scalarMult(secret, publicKey).every((byte) => byte === 0)) return null;
  return nacl.box.before(publicKey, secret);
}
