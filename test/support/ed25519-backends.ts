import { webcrypto } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { equalBytes } from '../../protocols/base/bytes.ts';
import { type Ed25519, pureEd25519 } from '../../protocols/identity/ed25519.ts';
import { verifyStrict } from '../../protocols/identity/strict.ts';
import { verifyStrictWeb } from '../../protocols/identity/web-ed25519.ts';
import { bulkEd25519, nativeEd25519 } from '../../services/keys/native-ed25519.ts';
import { referenceRefusal } from './ed25519-reference.ts';
import { challengeOf, littleEndian, type SignatureCase, times } from './vectors/ed25519.ts';

const { Point } = ed25519;

/** The verification equation on noble's points, without the cofactor that its own `verify` uses. */
const byEquation: Ed25519 = {
  sign: pureEd25519.sign,
  verify: (publicKey, signature, message) => {
    try {
      const commitment = signature.subarray(0, 32);
      const challenge = challengeOf(commitment, publicKey, message);
      const left = times(Point.BASE, littleEndian(signature.subarray(32)) % Point.Fn.ORDER);
      const right = times(Point.fromBytes(publicKey), challenge);
      return equalBytes(left.subtract(right).toBytes(), commitment);
    } catch {
      return false; // not a point
    }
  },
};

export const BACKENDS = {
  tweetnacl: pureEd25519,
  native: nativeEd25519(),
  libsodium: bulkEd25519(),
  noble: byEquation,
} as const satisfies Record<string, Ed25519>;

/** The answer of every implementation of the rule, the reference included. */
export async function everyAnswer({
  publicKey,
  signature,
  message,
}: Omit<SignatureCase, 'id'>): Promise<Record<string, boolean>> {
  const answers = Object.entries(BACKENDS).map(([name, backend]): [string, boolean] => [
    name,
    verifyStrict(backend, publicKey, signature, message),
  ]);
  return {
    ...Object.fromEntries(answers),
    webCrypto: await verifyStrictWeb(webcrypto.subtle, publicKey, signature, message),
    reference: referenceRefusal(publicKey, signature, message) === null,
  };
}
