import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { concatBytes, fromHex, toHex } from '../../protocols/base/bytes.ts';
import { decodeCanonical } from '../../protocols/codec/codec.ts';
import type { Ed25519 } from '../../protocols/identity/ed25519.ts';
import { SIGNATURE_DOMAIN } from '../../protocols/message/index.ts';

/** DER head of an Ed25519 public key. RFC 8410 */
const SPKI_HEAD = fromHex('302a300506032b6570032100');

/** What bare verification needs of a message. */
export interface SignedParts {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: KeyObject;
  /** 32 bytes. */
  readonly author: Uint8Array;
}

/** Made ready outside what is measured; each key is imported once. */
export function signedParts(corpus: readonly Uint8Array[]): SignedParts[] {
  const keys = new Map<string, KeyObject>();
  return corpus.map((wire) => {
    const [payload, signature] = decode(wire) as [Uint8Array, Uint8Array];
    const { author } = decode(payload) as { author: Uint8Array };
    const name = toHex(author);
    const key = keys.get(name) ?? importKey(author);
    keys.set(name, key);
    return { bytes: concatBytes(SIGNATURE_DOMAIN, payload), signature, key, author };
  });
}

/** node:crypto and nothing else. */
export function verifyBare(signed: readonly SignedParts[]): void {
  for (const { bytes, signature, key } of signed)
    if (!verify(null, bytes, key, signature)) throw new Error('a signature of the corpus does not hold');
}

/** What a node checks them with, bare too. */
export function verifyAsNode(signed: readonly SignedParts[], { verify: check }: Ed25519): void {
  for (const { bytes, signature, author } of signed)
    if (!check(author, signature, bytes)) throw new Error('a signature of the corpus does not hold');
}

function decode(bytes: Uint8Array): unknown {
  const decoded = decodeCanonical(bytes);
  if (!decoded.ok) throw new Error(`the corpus does not decode: ${decoded.reason}`);
  return decoded.value;
}

function importKey(publicKey: Uint8Array): KeyObject {
  const key = Buffer.from(concatBytes(SPKI_HEAD, publicKey));
  return createPublicKey({ key, format: 'der', type: 'spki' });
}
