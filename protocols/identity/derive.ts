import { p256 } from '@noble/curves/nist.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import nacl from 'tweetnacl';
import { utf8 } from '../base/bytes.ts';
import { didKey, memberKey } from './did-key.ts';
import { signingPublicKey } from './ed25519.ts';

/** spec 04-identity §2: one 32-byte seed a node, one HKDF-SHA256 output a purpose. */
const PURPOSES = ['signing', 'sealing', 'libp2p', 'nats', 'publication'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** 32 bytes (48 for publication, reduced modulo the group order by the caller). @param seed 32 bytes */
export function deriveKey(seed: Uint8Array, purpose: Purpose, length = 32): Uint8Array {
  if (seed.length !== 32) throw new TypeError('a seed has 32 bytes');
  return hkdf(sha256, seed, utf8('analog-oversight/seed/1'), utf8(purpose), length);
}

/** P-256 private key, 32 bytes. FIPS 186-5 A.2.1: 48 bytes reduced modulo n, so that the bias is negligible. */
export function derivePublicationKey(seed: Uint8Array): Uint8Array {
  return p256.utils.randomSecretKey(deriveKey(seed, 'publication', 48));
}

export interface PublicKeys {
  /** did:key, Ed25519: signs messages; the member's name in the federation. */
  readonly signing: string;
  /** did:key, X25519: receives sealed disclosures. */
  readonly sealing: string;
  /** did:key, Ed25519: the libp2p identity; the peer id is derived from it. */
  readonly libp2p: string;
  /** did:key, Ed25519: the NATS user nkey. */
  readonly nats: string;
  /** did:key, P-256: signs published checkpoints. */
  readonly publication: string;
}

export function publicKeys(seed: Uint8Array): PublicKeys {
  const signer = (purpose: Purpose) => memberKey(signingPublicKey(deriveKey(seed, purpose)));
  return {
    signing: signer('signing'),
    sealing: didKey('x25519', nacl.box.keyPair.fromSecretKey(deriveKey(seed, 'sealing')).publicKey),
    libp2p: signer('libp2p'),
    nats: signer('nats'),
    publication: didKey('p256', p256.getPublicKey(derivePublicationKey(seed), true)),
  };
}
