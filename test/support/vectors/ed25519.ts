import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, fromHex, toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { pureEd25519, signingPublicKey } from '../../../protocols/identity/ed25519.ts';
import { isAcceptableSigningKey, verifyStrict } from '../../../protocols/identity/strict.ts';

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;
const ORDER = Point.Fn.ORDER;
const PRIME = Point.Fp.ORDER;

export interface SignatureCase {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
}

/** A point of order 8: the generator of what the cofactor leaves over. */
export const TORSION = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
/** The eight points of small order, in their canonical encodings. */
export const SMALL_ORDER = Array.from({ length: 8 }, (_, i) => times(TORSION, BigInt(i)).toBytes());

export function times(point: Point, scalar: bigint): Point {
  return scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar);
}

export function scalarBytes(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')).reverse();
}

/** Signs by the formula with any commitment and any key bytes; the tweaks need what a library will not do. */
export function signRaw(
  secret: bigint,
  publicKey: Uint8Array,
  nonce: bigint,
  commitment: Uint8Array,
  message: Uint8Array,
): Uint8Array {
  const challenge = challengeOf(commitment, publicKey, message);
  return concatBytes(commitment, scalarBytes((nonce + challenge * secret) % ORDER));
}

export function challengeOf(commitment: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  return littleEndian(sha512(concatBytes(commitment, publicKey, message))) % ORDER;
}

export function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`);
}

/** S + L: the same residue, another spelling. Fits 32 bytes for every S below L. */
export function addOrder(signature: Uint8Array): Uint8Array {
  return concatBytes(signature.subarray(0, 32), scalarBytes(littleEndian(signature.subarray(32)) + ORDER));
}

function nonCanonicalY(y: bigint): Uint8Array {
  return scalarBytes(y + PRIME);
}

export function adversarialSignatures(): SignatureCase[] {
  const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
  const message = utf8('a message');
  const key = signingPublicKey(seed);
  const signature = pureEd25519.sign(seed, message);
  const secret = 1234567890123456789n;
  const nonce = 987654321987654321n;
  const plainKey = times(Point.BASE, secret);
  const commitment = times(Point.BASE, nonce);
  const torsionKey = plainKey.add(TORSION).toBytes();
  const cleared = findMessage((text) => challengeOf(commitment.toBytes(), torsionKey, text) % 8n === 0n);
  const uncleared = findMessage((text) => challengeOf(commitment.toBytes(), torsionKey, text) % 8n === 1n);
  const torsionCommitment = commitment.add(TORSION).toBytes();
  return [
    { id: 'valid', publicKey: key, signature, message },
    {
      id: 'valid-empty-message',
      publicKey: key,
      signature: pureEd25519.sign(seed, utf8('')),
      message: utf8(''),
    },
    { id: 'other-message', publicKey: key, signature, message: utf8('another message') },
    { id: 's-plus-order', publicKey: key, signature: addOrder(signature), message },
    {
      id: 's-equals-order',
      publicKey: key,
      signature: concatBytes(signature.subarray(0, 32), scalarBytes(ORDER)),
      message,
    },
    { id: 'all-zero', publicKey: new Uint8Array(32), signature: new Uint8Array(64), message },
    { id: 'signature-short', publicKey: key, signature: signature.subarray(0, 63), message },
    { id: 'signature-long', publicKey: key, signature: concatBytes(signature, Uint8Array.of(0)), message },
    { id: 'key-short', publicKey: key.subarray(0, 31), signature, message },
    {
      id: 'key-not-a-point',
      publicKey: concatBytes(Uint8Array.of(2), new Uint8Array(31)),
      signature,
      message,
    },
    ...SMALL_ORDER.map((small, index) => ({
      // S B = R + h A holds for A of order one, and for the others where 8 divides h
      id: `key-of-small-order-${index}`,
      publicKey: small,
      ...forMessage(
        (text) => challengeOf(commitment.toBytes(), small, text) % 8n === 0n,
        (text) => signRaw(0n, small, nonce, commitment.toBytes(), text),
      ),
    })),
    ...SMALL_ORDER.map((small, index) => ({
      id: `commitment-of-small-order-${index}`,
      publicKey: plainKey.toBytes(),
      signature: signRaw(secret, plainKey.toBytes(), 0n, small, message),
      message,
    })),
    ...[0n, 1n, 3n, 4n, 5n, 6n, 9n, 10n, 18n].map((y) => ({
      id: `key-y-plus-prime-${y}`,
      publicKey: nonCanonicalY(y),
      signature: signRaw(0n, nonCanonicalY(y), nonce, commitment.toBytes(), message),
      message,
    })),
    ...[0n, 1n, 18n].map((y) => ({
      id: `commitment-y-plus-prime-${y}`,
      publicKey: plainKey.toBytes(),
      signature: signRaw(secret, plainKey.toBytes(), 0n, nonCanonicalY(y), message),
      message,
    })),
    {
      id: 'torsion-key-cofactorless',
      publicKey: torsionKey,
      signature: signRaw(secret, torsionKey, nonce, commitment.toBytes(), cleared),
      message: cleared,
    },
    {
      id: 'torsion-key-cofactored-only',
      publicKey: torsionKey,
      signature: signRaw(secret, torsionKey, nonce, commitment.toBytes(), uncleared),
      message: uncleared,
    },
    {
      id: 'torsion-commitment-cofactored-only',
      publicKey: plainKey.toBytes(),
      signature: signRaw(secret, plainKey.toBytes(), nonce, torsionCommitment, message),
      message,
    },
  ];
}

function forMessage(wanted: (message: Uint8Array) => boolean, sign: (message: Uint8Array) => Uint8Array) {
  const message = findMessage(wanted);
  return { signature: sign(message), message };
}

function findMessage(wanted: (message: Uint8Array) => boolean): Uint8Array {
  for (let i = 0; ; i++) {
    const message = utf8(`message ${i}`);
    if (wanted(message)) return message;
  }
}

export function buildEd25519() {
  return {
    cases: adversarialSignatures().map(({ id, publicKey, signature, message }) => ({
      id,
      publicKey: toHex(publicKey),
      signature: toHex(signature),
      message: toHex(message),
      accepted: verifyStrict(pureEd25519, publicKey, signature, message),
      keyAcceptable: isAcceptableSigningKey(publicKey),
    })),
  };
}
