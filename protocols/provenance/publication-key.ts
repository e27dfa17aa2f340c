import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes, fromHex, toHex, utf8 } from '../base/bytes.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { parseDidKey } from '../identity/did-key.ts';

/** What stands before the uncompressed point in the SubjectPublicKeyInfo of each curve that OMS takes (RFC 5480). */
const CURVES = [
  { curve: p256, head: fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200') },
  { curve: p384, head: fromHex('3076301006072a8648ce3d020106052b81040022036200') },
  { curve: p521, head: fromHex('30819b301006072a8648ce3d020106052b8104002303818600') },
] as const;

/** An ECDSA key of P-256, P-384 or P-521; each signs with the SHA-2 of its size. */
export interface PublicationKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** @param signature DER */
  readonly verify: (signature: Uint8Array, message: Uint8Array) => boolean;
}

/** A member's publication key: P-256, as its card and the charter have it. */
export function publicationKeyOf(didKey: string): PublicationKey | null {
  const compressed = parseDidKey('p256', didKey);
  if (compressed === null) return null;
  try {
    return keyOf(CURVES[0], p256.Point.fromBytes(compressed).toBytes(false));
  } catch {
    return null; // no point of the curve
  }
}

/** A public key in PEM, as `openssl ec -pubout` writes it. */
export function parsePublicKeyPem(text: string): Result<PublicationKey, 'key-invalid'> {
  const match = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]{1,512})-----END PUBLIC KEY-----\s*$/.exec(
    text,
  );
  const der = match === null ? null : fromBase64((match[1] ?? '').replaceAll(/\s/g, ''));
  if (der === null) return refuse('key-invalid', 'not one public key in PEM');
  try {
    for (const named of CURVES) {
      const { head, curve } = named;
      if (!equalBytes(der.subarray(0, head.length), head)) continue;
      const point = der.subarray(head.length);
      curve.Point.fromBytes(point).assertValidity();
      return accept(keyOf(named, point));
    }
  } catch {
    return refuse('key-invalid', 'the key is no point of its curve');
  }
  return refuse('key-invalid', 'not a key of P-256, P-384 or P-521');
}

function keyOf({ curve, head }: (typeof CURVES)[number], point: Uint8Array): PublicationKey {
  return {
    spki: concatBytes(head, point),
    verify: (signature, message) => {
      try {
        return curve.verify(signature, message, point, { format: 'der', lowS: false });
      } catch {
        return false; // not DER
      }
    },
  };
}

/** One text a key: lines of 64 characters, `\n` after each. */
export function publicKeyPem({ spki }: PublicationKey): string {
  const lines = toBase64(spki).match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
}

/** How a bundle hints at its key: the sha256 of the PEM text, hexadecimal (model_signing 1.1). */
export function keyHint(key: PublicationKey): string {
  return toHex(sha256(utf8(publicKeyPem(key))));
}

/** ECDSA over P-256 and SHA-256, DER; deterministic (RFC 6979), so that one content has one signature and one CID. */
export function signAsPublisher(privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  return p256.sign(message, privateKey, { format: 'der' });
}
