import { base58btc } from 'multiformats/bases/base58';
import { concatBytes } from '../base/bytes.ts';
import type { MemberKey } from '../base/ids.ts';

/** Multicodec prefixes of did:key (W3C did:key method). */
const PREFIX = {
  ed25519: Uint8Array.of(0xed, 0x01),
  x25519: Uint8Array.of(0xec, 0x01),
  p256: Uint8Array.of(0x80, 0x24),
} as const;
const LENGTH = { ed25519: 32, x25519: 32, p256: 33 } as const;
export type KeyType = keyof typeof PREFIX;

export function didKey(type: KeyType, publicKey: Uint8Array): string {
  if (publicKey.length !== LENGTH[type])
    throw new TypeError(`a ${type} public key has ${LENGTH[type]} bytes`);
  return `did:key:${base58btc.encode(concatBytes(PREFIX[type], publicKey))}`;
}

/** The public key of a did:key of this type, or null. One key has one spelling: the text must round-trip. */
export function parseDidKey(type: KeyType, text: string): Uint8Array | null {
  if (text.length > 80 || !text.startsWith('did:key:z')) return null;
  let bytes: Uint8Array;
  try {
    bytes = base58btc.decode(text.slice('did:key:'.length));
  } catch {
    return null; // not base58btc; the caller refuses with its own code
  }
  const [a, b] = PREFIX[type];
  if (bytes.length !== 2 + LENGTH[type] || bytes[0] !== a || bytes[1] !== b) return null;
  const key = bytes.subarray(2);
  return didKey(type, key) === text ? key : null;
}

/** @throws TypeError unless the key has 32 bytes. */
export function memberKey(signingKey: Uint8Array): MemberKey {
  return didKey('ed25519', signingKey) as MemberKey;
}
