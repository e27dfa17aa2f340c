import { createHash } from 'node:crypto';
import nacl from 'tweetnacl';
import { describe, expect, test } from 'vitest';
import { bulkEd25519, nativeEd25519, nativeSha256 } from '../../../services/keys/index.ts';
import { libsodiumVerify } from '../../../services/keys/libsodium.ts';
import { seedOf, signerOf } from '../../support/federation.ts';

const native = nativeEd25519();
const bulk = bulkEd25519();
const message = new TextEncoder().encode('what is signed');

describe('the native Ed25519', () => {
  test('signs as tweetnacl does, and each verifies the other', () => {
    const { seed, publicKey } = signerOf('example-lab');
    const pair = nacl.sign.keyPair.fromSeed(Uint8Array.from(seed));
    const signature = native.sign(seed, message);
    expect(signature).toEqual(nacl.sign.detached(message, pair.secretKey));
    expect(native.verify(publicKey, signature, message)).toBe(true);
    expect(nacl.sign.detached.verify(message, signature, pair.publicKey)).toBe(true);
  });

  test('refuses a changed message, signature or key', () => {
    const { seed, publicKey } = signerOf('example-lab');
    const signature = native.sign(seed, message);
    expect(native.verify(publicKey, signature, message.subarray(1))).toBe(false);
    expect(native.verify(publicKey, signature.with(0, (signature[0] ?? 0) ^ 1), message)).toBe(false);
    expect(native.verify(signerOf('example-academy').publicKey, signature, message)).toBe(false);
  });

  test('keeps no more keys than it says, and forgetting one changes nothing', () => {
    const { seed, publicKey } = signerOf('example-lab');
    const signature = native.sign(seed, message);
    for (let n = 0; n < 1_100; n++) native.sign(seedOf(`stranger ${n}`), message);
    expect(native.sign(seed, message)).toEqual(signature);
    expect(native.verify(publicKey, signature, message)).toBe(true);
  });

  test('its hash is sha2-256', () => {
    expect(Buffer.from(nativeSha256(message)).toString('hex')).toBe(
      createHash('sha256').update(message).digest('hex'),
    );
  });
});

describe('the Ed25519 for many signatures', () => {
  const { seed, publicKey } = signerOf('example-lab');
  const signature = bulk.sign(seed, message);

  test('is libsodium on the platform of the tests', () => {
    expect(libsodiumVerify()?.(publicKey, signature, message)).toBe(true);
  });

  test('answers as Node does, of views too', () => {
    const other = signature.with(0, (signature[0] ?? 0) ^ 1);
    for (const each of [signature, other])
      expect(bulk.verify(publicKey, each, message)).toBe(native.verify(publicKey, each, message));
    // views into a larger buffer, as the wire of a message is
    const room = new Uint8Array(200);
    room.set(signature, 3);
    room.set(message, 90);
    const [inner, text] = [room.subarray(3, 67), room.subarray(90, 90 + message.length)];
    expect(bulk.verify(publicKey, inner, text)).toBe(true);
  });
});
