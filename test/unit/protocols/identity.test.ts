import { createECDH, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { deriveKey, derivePublicationKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { didKey, parseDidKey } from '../../../protocols/identity/did-key.ts';
import { verifyStrict } from '../../../protocols/identity/strict.ts';
import { seedOf, signerOf } from '../../support/federation.ts';

const GROUP_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const seed = seedOf('example-lab');

describe('derived keys', () => {
  it.each(['signing', 'sealing', 'libp2p', 'nats'] as const)('%s is the HKDF of the platform', (purpose) => {
    const expected = hkdfSync('sha256', seed, utf8('analog-oversight/seed/1'), utf8(purpose), 32);
    expect(toHex(deriveKey(seed, purpose))).toBe(toHex(new Uint8Array(expected)));
  });

  it('publication follows its formula, and its public key is the curve of the platform', () => {
    const material = hkdfSync('sha256', seed, utf8('analog-oversight/seed/1'), utf8('publication'), 48);
    const x = BigInt(`0x${toHex(new Uint8Array(material))}`);
    const expected = ((x % (GROUP_ORDER - 1n)) + 1n).toString(16).padStart(64, '0');
    expect(toHex(derivePublicationKey(seed))).toBe(expected);
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(expected, 'hex');
    const point = new Uint8Array(ecdh.getPublicKey(null, 'compressed'));
    expect(publicKeys(seed).publication).toBe(didKey('p256', point));
  });

  it('differ from one another', () => {
    const keys = Object.values(publicKeys(seed));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('need a seed of 32 bytes', () => {
    expect(() => deriveKey(seed.subarray(1), 'signing')).toThrow(TypeError);
  });
});

describe('did:key', () => {
  it('refuses long text before decoding it', () => {
    expect(parseDidKey('ed25519', `did:key:z${'1'.repeat(1 << 20)}`)).toBeNull();
  });

  it('names a key of the right length alone', () => {
    expect(() => didKey('ed25519', new Uint8Array(31))).toThrow(TypeError);
    expect(() => didKey('p256', new Uint8Array(32))).toThrow(TypeError);
  });
});

describe('the strict rule', () => {
  it('judges a Buffer as it judges plain bytes, and changes neither', () => {
    const { seed: key, publicKey, ed25519 } = signerOf('example-lab');
    for (let n = 0; n < 400; n++) {
      const message = utf8(`message ${n}`);
      const signature = Buffer.from(ed25519.sign(key, message));
      const before = toHex(signature);
      expect(verifyStrict(ed25519, Buffer.from(publicKey), signature, message), before).toBe(true);
      expect(toHex(signature)).toBe(before);
    }
  });
});
