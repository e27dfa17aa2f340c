import { readFileSync } from 'node:fs';
import { fromHex, toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { type Refusal, referenceKeyRefusal, referenceRefusal } from '../ed25519-reference.ts';

interface Published {
  readonly id: string;
  readonly publicKey: string;
  readonly signature: string;
  /** Hexadecimal. */
  readonly message: string;
}

/** The clause of 04-identity that refuses first. */
const CLAUSE: Readonly<Record<Refusal, string>> = {
  length: '3.1',
  'scalar-too-large': '3.1',
  'key-not-canonical': '3.2',
  'commitment-not-canonical': '3.2',
  'key-of-small-order': '3.3',
  'commitment-of-small-order': '3.3',
  'key-not-a-point': '3.4',
  'key-with-torsion': '3.4',
  equation: '3.5',
};

/** Every published vector, as test/fixtures/ed25519 has it. Sources and licences are in its README. */
export function publishedSignatures(): Published[] {
  return [...rfc8032(), ...speccheck(), ...zip215(), ...cctv(), ...wycheproof()];
}

/** The answers are the reference's, which shares nothing with what it judges. */
export function buildEd25519Published() {
  return {
    cases: publishedSignatures().map((each) => {
      const key = fromHex(each.publicKey);
      const refusal = referenceRefusal(key, fromHex(each.signature), fromHex(each.message));
      return {
        ...each,
        accepted: refusal === null,
        keyAcceptable: referenceKeyRefusal(key) === null,
        ...(refusal === null ? {} : { refusedBy: CLAUSE[refusal] }),
      };
    }),
  };
}

export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../fixtures/ed25519/${name}`, import.meta.url), 'utf8')) as T;
}

function rfc8032(): Published[] {
  const tests =
    fixture<{ id: string; publicKey: string; signature: string; message: string }[]>('rfc8032.json');
  return tests.map(({ id, publicKey, signature, message }) => ({
    id: `rfc8032-${id}`,
    publicKey,
    signature,
    message,
  }));
}

function speccheck(): Published[] {
  const cases = fixture<{ message: string; pub_key: string; signature: string }[]>('speccheck.json');
  return cases.map(({ message, pub_key, signature }, index) => ({
    id: `speccheck-${index}`,
    publicKey: pub_key,
    signature,
    message,
  }));
}

function zip215(): Published[] {
  const message = toHex(utf8('Zcash'));
  return fixture<[string, string][]>('zip215.json').map(([publicKey, signature], index) => ({
    id: `zip215-${index}`,
    publicKey,
    signature,
    message,
  }));
}

function cctv(): Published[] {
  const vectors = fixture<{ number: number; key: string; sig: string; msg: string }[]>('cctv.json');
  return vectors.map(({ number, key, sig, msg }) => ({
    id: `cctv-${number}`,
    publicKey: key,
    signature: sig,
    message: toHex(utf8(msg)),
  }));
}

interface WycheproofTest {
  readonly tcId: number;
  readonly msg: string;
  readonly sig: string;
}

function wycheproof(): Published[] {
  const { testGroups } = fixture<{
    testGroups: { publicKey?: { pk: string }; key?: { pk: string }; tests: WycheproofTest[] }[];
  }>('wycheproof.json');
  const later = fixture<WycheproofTest & { pk: string }>('wycheproof-151.json');
  const named = (pk: string, { tcId, msg, sig }: WycheproofTest) => ({
    id: `wycheproof-${tcId}`,
    publicKey: pk,
    signature: sig,
    message: msg,
  });
  return [
    ...testGroups.flatMap(({ publicKey, key, tests }) =>
      tests.map((test) => named((publicKey ?? key)?.pk ?? '', test)),
    ),
    named(later.pk, later),
  ];
}
