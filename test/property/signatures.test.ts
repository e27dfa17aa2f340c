import { ed25519 } from '@noble/curves/ed25519.js';
import { expect, it } from 'vitest';
import { concatBytes, toHex } from '../../protocols/base/bytes.ts';
import { type Ed25519, pureEd25519, signingPublicKey } from '../../protocols/identity/ed25519.ts';
import { verifyStrict } from '../../protocols/identity/strict.ts';
import { BACKENDS, everyAnswer } from '../support/ed25519-backends.ts';
import { runsOf } from '../support/runs.ts';
import { pickBelow, randomFrom, testSeed } from '../support/seed.ts';
import {
  addOrder,
  adversarialSignatures,
  type SignatureCase,
  SMALL_ORDER,
  TORSION,
  times,
} from '../support/vectors/ed25519.ts';

const { Point } = ed25519;
const HONEST = runsOf(60);

/** One random change to a case: bits, other parts, S + L, torsion added to the key or the commitment. */
function tweak(base: SignatureCase, random: () => number): SignatureCase {
  const { publicKey, signature, message } = base;
  const parts = () => ({ commitment: signature.slice(0, 32), scalar: signature.slice(32) });
  switch (pickBelow(random, 8)) {
    case 0:
      return { ...base, signature: flip(signature, random) };
    case 1:
      return { ...base, publicKey: flip(publicKey, random) };
    case 2:
      return { ...base, message: concatBytes(message, Uint8Array.of(pickBelow(random, 256))) };
    case 3:
      return signature.length === 64 ? { ...base, signature: addOrder(signature) } : base;
    case 4:
      return { ...base, publicKey: small(random) };
    case 5:
      return { ...base, signature: concatBytes(small(random), parts().scalar) };
    case 6:
      return { ...base, publicKey: addTorsion(publicKey, random) };
    default:
      return { ...base, signature: concatBytes(addTorsion(parts().commitment, random), parts().scalar) };
  }
}

function small(random: () => number): Uint8Array {
  return SMALL_ORDER[pickBelow(random, SMALL_ORDER.length)] as Uint8Array;
}

function flip(bytes: Uint8Array, random: () => number): Uint8Array {
  const out = Uint8Array.from(bytes);
  const at = pickBelow(random, out.length);
  out[at] = (out[at] as number) ^ (1 << pickBelow(random, 8));
  return out;
}

function addTorsion(bytes: Uint8Array, random: () => number): Uint8Array {
  try {
    return Point.fromBytes(bytes)
      .add(times(TORSION, BigInt(1 + pickBelow(random, 7))))
      .toBytes();
  } catch {
    return bytes; // not a point; the case stays as it was
  }
}

function isTorsionFree(bytes: Uint8Array): boolean {
  try {
    return Point.fromBytes(bytes).isTorsionFree();
  } catch {
    return false;
  }
}

/** An honest signature of a random key. */
function honest(random: () => number): SignatureCase {
  const seed = Uint8Array.from({ length: 32 }, () => pickBelow(random, 256));
  const message = Uint8Array.from({ length: pickBelow(random, 60) }, () => pickBelow(random, 256));
  return {
    id: `seed ${toHex(seed)}`,
    publicKey: signingPublicKey(seed),
    signature: BACKENDS.native.sign(seed, message),
    message,
  };
}

it('every backend behind the strict rule accepts the same signatures', async () => {
  const random = randomFrom(testSeed());
  const known = adversarialSignatures();
  const cases = [...known];
  for (let i = 0; i < HONEST; i++) {
    const one = honest(random);
    cases.push(one, tweak(one, random), tweak(tweak(one, random), random));
    cases.push(tweak(known[pickBelow(random, known.length)] as SignatureCase, random));
  }
  let accepted = 0;
  let likeLibrary = 0;
  for (const each of cases) {
    const answers = await everyAnswer(each);
    expect(new Set(Object.values(answers)).size, `${each.id} ${JSON.stringify(answers)}`).toBe(1);
    if (answers['native'] === true) accepted++;
    // without torsion the cofactor changes nothing, so noble's own verification agrees too
    if (each.signature.length !== 64 || !isTorsionFree(each.publicKey)) continue;
    if (!isTorsionFree(each.signature.subarray(0, 32))) continue;
    const library: Ed25519 = {
      sign: pureEd25519.sign,
      verify: (publicKey, signature, message) =>
        ed25519.verify(signature, message, publicKey, { zip215: false }),
    };
    expect(verifyStrict(library, each.publicKey, each.signature, each.message)).toBe(answers['native']);
    likeLibrary++;
  }
  expect(accepted).toBeGreaterThanOrEqual(HONEST);
  expect(likeLibrary).toBeGreaterThanOrEqual(HONEST);
});
