import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto';
import { bytesOf, byteText, concatBytes, fromHex } from '../../protocols/base/bytes.ts';
import type { Sha256 } from '../../protocols/codec/cid.ts';
import type { Ed25519 } from '../../protocols/identity/ed25519.ts';
import { isAcceptableSigningKey } from '../../protocols/identity/strict.ts';
import { libsodiumVerify } from './libsodium.ts';

/** DER heads of RFC 8410 keys: what stands before the 32 bytes. */
const SPKI_HEAD = fromHex('302a300506032b6570032100');
const PKCS8_HEAD = fromHex('302e020100300506032b657004220420');
/** Import of a key costs a fifth of a verification; a federation has at most MEMBERS_LIMIT of them. */
const CACHED_KEYS = 1_024;

/** Node's Ed25519: fifty times the speed of tweetnacl. Used only behind `verifyStrict`. */
export function nativeEd25519(): Ed25519 {
  const publicKeys = new KeyCache((key) =>
    createPublicKey({ key: Buffer.from(concatBytes(SPKI_HEAD, key)), format: 'der', type: 'spki' }),
  );
  const privateKeys = new KeyCache((seed) =>
    createPrivateKey({ key: Buffer.from(concatBytes(PKCS8_HEAD, seed)), format: 'der', type: 'pkcs8' }),
  );
  const acceptable = new KeyCache(isAcceptableSigningKey);
  return {
    sign: (seed, message) => new Uint8Array(sign(null, message, privateKeys.get(seed))),
    verify: (publicKey, signature, message) => verify(null, message, publicKeys.get(publicKey), signature),
    isAcceptableKey: (publicKey) => acceptable.get(publicKey),
  };
}

/**
 * For who checks signatures by the thousand: libsodium where it can be loaded, which it is with the first. It accepts what
 * Node's does behind `verifyStrict`: a property test holds every backend to one answer.
 */
export function bulkEd25519(): Ed25519 {
  const native = nativeEd25519();
  return { ...native, verify: (...parts) => (libsodiumVerify() ?? native.verify)(...parts) };
}

/**
 * One call, since a hash object costs three times as much at a kilobyte; and read from text, since a Buffer's memory
 * outside the heap costs as much as the hash (measured, Node 24).
 */
export const nativeSha256: Sha256 = (bytes) => bytesOf(hash('sha256', bytes, 'binary'));

/** Least recently used first out. */
class KeyCache<T> {
  readonly #import: (bytes: Uint8Array) => T;
  readonly #keys = new Map<string, T>();

  constructor(importKey: (bytes: Uint8Array) => T) {
    this.#import = importKey;
  }

  get(bytes: Uint8Array): T {
    const name = byteText(bytes);
    const key = this.#keys.get(name) ?? this.#import(bytes);
    this.#keys.delete(name);
    this.#keys.set(name, key);
    if (this.#keys.size > CACHED_KEYS) this.#keys.delete(this.#keys.keys().next().value as string);
    return key;
  }
}
