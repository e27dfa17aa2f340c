import { ed25519 } from '@noble/curves/ed25519.js';
import { fromHex, toHex } from '../base/bytes.ts';
import type { Ed25519 } from './ed25519.ts';

/** Order of the base point, L = 2^252 + 27742317777372353535851937790883648493, little-endian. RFC 8032 §5.1. */
const ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
/** Field prime p = 2^255 - 19, little-endian. */
const PRIME = fromHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');

/** y-coordinates (sign bit cleared) of the eight points whose order divides the cofactor. */
const SMALL_ORDER_Y = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/** a < b for little-endian integers of 32 bytes; `mask` is applied to the last byte of a. */
function lessThan(a: Uint8Array, offset: number, mask: number, b: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const x = (a[offset + i] as number) & (i === 31 ? mask : 0xff);
    const y = b[i] as number;
    if (x !== y) return x < y;
  }
  return false;
}

function isStrictPoint(bytes: Uint8Array, offset: number): boolean {
  // spec 04-identity §3.2: canonical y
  if (!lessThan(bytes, offset, 0x7f, PRIME)) return false;
  // spec 04-identity §3.3: not of small order; almost every point is decided by its last two bytes
  const top = (bytes[offset + 31] as number) & 0x7f;
  if (top !== 0x00 && top !== 0x7f && top !== 0x05 && top !== 0x7a) return true;
  // a copy: the `slice` of a Buffer is a view, and would change what is being judged
  const y = Uint8Array.from(bytes.subarray(offset, offset + 32));
  y[31] = top;
  return !SMALL_ORDER_Y.has(toHex(y));
}

/**
 * The one acceptance rule for Ed25519, whole: spec 04-identity §3. Every backend behind it accepts the same set, and
 * nobody who calls it can forget the key.
 */
export function verifyStrict(
  backend: Ed25519,
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): boolean {
  if (!hasStrictForm(publicKey, signature)) return false;
  // spec 04-identity §3.5, before §3.4: no stranger's key costs a millisecond unless it has signed
  if (!backend.verify(publicKey, signature, message)) return false;
  // spec 04-identity §3.4
  return backend.isAcceptableKey?.(publicKey) ?? isAcceptableSigningKey(publicKey);
}

/** spec 04-identity §3.1 to §3.3: what the bytes show without arithmetic on the curve. */
export function hasStrictForm(publicKey: Uint8Array, signature: Uint8Array): boolean {
  // spec 04-identity §3.1: lengths, S < L
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (!lessThan(signature, 32, 0xff, ORDER)) return false;
  return isStrictPoint(publicKey, 0) && isStrictPoint(signature, 0);
}

/** spec 04-identity §4: what a key must be before anything names it; slow (a millisecond), so once a key. */
export function isAcceptableSigningKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32 || !isStrictPoint(publicKey, 0)) return false;
  try {
    return ed25519.Point.fromBytes(publicKey).isTorsionFree();
  } catch {
    return false; // not a point on the curve
  }
}
