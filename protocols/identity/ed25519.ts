import nacl from 'tweetnacl';

/** What checks and makes signatures. A node passes the platform's native one; the pure one below runs anywhere. */
export interface Ed25519 {
  /** 64-byte signature over the message. @param seed 32 bytes */
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /** Cofactorless verification. Callers go through `verifyStrict`, which makes every backend give one answer. */
  verify(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean;
  /** `isAcceptableSigningKey` with its answers remembered, in a backend that has a place for them. */
  isAcceptableKey?(publicKey: Uint8Array): boolean;
}

/** tweetnacl: correct formats, slow (about 200 checks a second), accepts S >= L by itself. */
export const pureEd25519: Ed25519 = {
  sign: (seed, message) => nacl.sign.detached(message, nacl.sign.keyPair.fromSeed(seed).secretKey),
  verify: (publicKey, signature, message) => nacl.sign.detached.verify(message, signature, publicKey),
};

export function signingPublicKey(seed: Uint8Array): Uint8Array {
  return nacl.sign.keyPair.fromSeed(seed).publicKey;
}
