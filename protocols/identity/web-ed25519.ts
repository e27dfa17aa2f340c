import { hasStrictForm, isAcceptableSigningKey } from './strict.ts';

/** What the rule needs of `crypto.subtle`, in Node and in browsers that have Ed25519. */
export interface WebCryptoVerifier<Key> {
  importKey(
    format: 'raw',
    key: Uint8Array<ArrayBuffer>,
    algorithm: 'Ed25519',
    extractable: boolean,
    usages: ['verify'],
  ): Promise<Key>;
  verify(
    algorithm: 'Ed25519',
    key: Key,
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

/**
 * `verifyStrict` on Web Crypto, which answers later. spec 04-identity §3
 * @throws what `subtle` throws where it has no Ed25519: that is no answer about the signature.
 */
export async function verifyStrictWeb<Key>(
  subtle: WebCryptoVerifier<Key>,
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): Promise<boolean> {
  if (!hasStrictForm(publicKey, signature) || !isAcceptableSigningKey(publicKey)) return false;
  const key = await subtle.importKey('raw', Uint8Array.from(publicKey), 'Ed25519', true, ['verify']);
  return subtle.verify('Ed25519', key, Uint8Array.from(signature), Uint8Array.from(message));
}
