import nacl from 'tweetnacl';
import { fromHex, toHex, utf8 } from '../../../protocols/base/bytes.ts';
import type { Plain, PlainObject } from '../../../protocols/base/plain.ts';
import { toBase64 } from '../../../protocols/codec/base64.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import {
  openSealed,
  openWithheld,
  valueAt,
  withhold,
  withValueAt,
} from '../../../protocols/disclosure/index.ts';
import { deriveKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { didKey, memberKey } from '../../../protocols/identity/did-key.ts';
import { isWithheld, type SealedCopy } from '../../../protocols/kinds/index.ts';
import { charterOf, signerOf } from '../federation.ts';
import { frontierNotice } from '../oversight/model-case.ts';

const charter = charterOf();
const AUTHOR = memberKey(signerOf('example-lab').publicKey);
const SALTS = ['00'.repeat(32), 'ff'.repeat(32), '0123456789abcdef'.repeat(4)] as const;

function reader(fill: number) {
  const seed = new Uint8Array(32).fill(fill);
  return { to: publicKeys(seed).sealing, secret: toHex(deriveKey(seed, 'sealing')) };
}
const REGULATOR = reader(1);
const SECOND = reader(2);
const STRANGER = reader(3);
const draw = (fill: number) => ({
  ephemeralSecret: toHex(new Uint8Array(32).fill(fill)),
  nonce: toHex(new Uint8Array(24).fill(fill + 1)),
});

const NOTICE = frontierNotice();
const draftOf = (body: PlainObject = NOTICE, kind = 'frontier-release/1') => ({
  federation: charter.id,
  author: AUTHOR,
  kind,
  body,
});
type Draft = ReturnType<typeof draftOf>;
interface Plan {
  readonly field: string;
  readonly reason: 'trade-secret';
  readonly retainedUntil: string;
  readonly salt: string;
  readonly readers: readonly {
    readonly to: string;
    readonly ephemeralSecret: string;
    readonly nonce: string;
  }[];
}
const planOf = (field: string, changes: Partial<Plan> = {}): Plan => ({
  field,
  reason: 'trade-secret',
  retainedUntil: '2036-12-31',
  salt: SALTS[0],
  readers: [{ to: REGULATOR.to, ...draw(7) }],
  ...changes,
});

/** Values of every type, and names that a pointer must escape. */
const VALUES: Readonly<Record<string, Plain>> = {
  null: null,
  true: true,
  negative: -(2 ** 53) + 1,
  text: 'a “secret” 😀\u0000',
  'no-text': '',
  list: [1, [2, [3]], {}],
  object: { b: 1, a: { '': [] } },
};
const odd = (value: Plain) => draftOf({ to: 'x', 'a/b~c': [{ '': value }] }, 'reply/1');

const MADE: Readonly<Record<string, { readonly draft: Draft; readonly plan: Plan }>> = {
  parameters: { draft: draftOf(), plan: planOf('/model/parameters') },
  'two-readers': {
    draft: draftOf(),
    plan: planOf('/model/parameters', {
      readers: [
        { to: REGULATOR.to, ...draw(7) },
        { to: SECOND.to, ...draw(9) },
      ],
    }),
  },
  'no-reader': { draft: draftOf(), plan: planOf('/training', { readers: [], salt: SALTS[2] }) },
  'the-next-size': {
    draft: draftOf({ ...NOTICE, summary: 'x'.repeat(900) }),
    plan: planOf('/summary', { salt: SALTS[1] }),
  },
  ...Object.fromEntries(
    Object.entries(VALUES).map(([id, value]) => [
      `value-${id}`,
      { draft: odd(value), plan: planOf('/a~1b~0c/0/') },
    ]),
  ),
};

const NOT_MADE: Readonly<Record<string, { readonly draft: Draft; readonly plan: Plan }>> = {
  'no-such-field': { draft: draftOf(), plan: planOf('/model/size') },
  'an-index-of-another-spelling': { draft: odd(1), plan: planOf('/a~1b~0c/00/') },
  'withheld-already': { draft: made('parameters').draft, plan: planOf('/model/parameters') },
  'around-what-is-withheld': { draft: made('parameters').draft, plan: planOf('/model') },
  'a-key-of-small-order': {
    draft: draftOf(),
    plan: planOf('/model/parameters', {
      readers: [{ to: didKey('x25519', new Uint8Array(32).with(0, 1)), ...draw(7) }],
    }),
  },
  'larger-than-any-copy': {
    draft: draftOf({ ...NOTICE, summary: 'x'.repeat(32_768) }),
    plan: planOf('/summary'),
  },
};

function run({ draft, plan }: { readonly draft: Draft; readonly plan: Plan }) {
  return withhold(draft, {
    ...plan,
    salt: fromHex(plan.salt),
    readers: plan.readers.map(({ to, ephemeralSecret, nonce }) => ({
      to,
      ephemeralSecret: fromHex(ephemeralSecret),
      nonce: fromHex(nonce),
    })),
  });
}

/** One of those made, with its copies. */
function made(id: string) {
  const { draft, plan } = MADE[id] as { draft: Draft; plan: Plan };
  const result = run({ draft, plan });
  if (!result.ok) throw new TypeError(result.detail);
  const { body, commitment } = result.value;
  const there = valueAt(body, plan.field);
  const copies = isWithheld(there) ? (there.withheld.sealed ?? []) : [];
  return { draft: { ...draft, body }, field: plan.field, commitment, copies };
}

/** A box of these bytes to the regulator. */
function boxOf(bytes: Uint8Array): SealedCopy {
  const { ephemeralSecret, nonce } = draw(11);
  const mine = nacl.box.keyPair.fromSecretKey(fromHex(ephemeralSecret));
  const theirs = nacl.box.keyPair.fromSecretKey(fromHex(REGULATOR.secret));
  return {
    to: REGULATOR.to,
    ephemeral: toBase64(mine.publicKey),
    nonce: toBase64(fromHex(nonce)),
    box: toBase64(nacl.box(bytes, fromHex(nonce), theirs.publicKey, mine.secretKey)),
  };
}

function padded(bytes: Uint8Array, size = 512): Uint8Array {
  const out = new Uint8Array(size);
  out.set(bytes);
  out[bytes.length] = 0x80;
  return out;
}

function openings() {
  const { draft: message, field, copies } = made('parameters');
  const [copy] = copies as [SealedCopy];
  const two = made('two-readers');
  const opening = (value: unknown, salt: unknown = fromHex(SALTS[0])) => [
    'analog-oversight/sealed/1',
    message.federation,
    message.author,
    message.kind,
    field,
    salt,
    value,
  ];
  const asked = { message, field, copies, to: REGULATOR.to, secret: REGULATOR.secret };
  const holding = (bytes: Uint8Array) => ({ ...asked, copies: [boxOf(bytes)] });
  const uncommitted = withValueAt(message.body, field, {
    withheld: { reason: 'trade-secret', retainedUntil: '2036-12-31' },
  });
  const flipped = `${copy.box.slice(0, 400)}${copy.box[400] === 'A' ? 'B' : 'A'}${copy.box.slice(401)}`;
  return {
    'by-its-reader': asked,
    'by-the-second-of-two': { ...asked, message: two.draft, copies: two.copies, ...SECOND },
    'by-a-copy-that-came-later': { ...asked, copies: [boxOf(padded(encode(opening(10_000_000))))] },
    'after-a-copy-that-does-not': { ...asked, copies: [{ ...copy, box: flipped }, copy] },
    'every-type-of-value': { ...asked, ...ofMade('value-object') },
    'no-copy-for-this-key': { ...asked, ...STRANGER },
    'a-copy-for-another-key': { ...asked, copies: [{ ...copy, to: STRANGER.to }], ...STRANGER },
    'a-flipped-bit': { ...asked, copies: [{ ...copy, box: flipped }] },
    'an-ephemeral-key-of-small-order': { ...asked, copies: [{ ...copy, ephemeral: `${'A'.repeat(43)}=` }] },
    'no-end-of-padding': holding(new Uint8Array(512)),
    'padded-to-a-size-too-large': holding(padded(encode(opening(1)), 1_024)),
    'not-canonical': holding(padded(utf8('not dag-cbor'))),
    'a-fraction': holding(padded(encode(opening(0.5)))),
    'a-short-salt': holding(padded(encode(opening(1, new Uint8Array(31))))),
    'another-federation': { ...asked, message: { ...message, federation: signerOfAnotherFederation() } },
    'another-author': {
      ...asked,
      message: { ...message, author: memberKey(signerOf('example-regulator').publicKey) },
    },
    'another-kind': { ...asked, message: { ...message, kind: 'frontier-release/2' } },
    'a-copy-of-another-field': { ...asked, ...ofMade('no-reader'), copies },
    'another-value': holding(padded(encode(opening(9_999_999)))),
    'another-salt': holding(padded(encode(opening(10_000_000, fromHex(SALTS[1]))))),
    'no-commitment': { ...asked, message: { ...message, body: uncommitted } },
    'not-withheld': { ...asked, field: '/deployedOn' },
  };
}

function ofMade(id: string) {
  const { draft: message, field, copies } = made(id);
  return { message, field, copies };
}

function signerOfAnotherFederation() {
  return charterOf({ ...charter.document, name: 'Another Federation' }).id;
}

function reveals() {
  const { draft: message, field } = made('parameters');
  const asked = { message, field, salt: SALTS[0], value: 10_000_000 as Plain };
  return {
    'the-value': asked,
    'every-type-of-value': {
      message: made('value-list').draft,
      field: made('value-list').field,
      salt: SALTS[0],
      value: VALUES['list'] as Plain,
    },
    'another-value': { ...asked, value: 10_000_001 },
    'the-value-as-text': { ...asked, value: '10000000' },
    'another-salt': { ...asked, salt: SALTS[1] },
    'another-author': {
      ...asked,
      message: { ...message, author: memberKey(signerOf('example-regulator').publicKey) },
    },
    'not-withheld': { ...asked, field: '/summary' },
  };
}

export function buildDisclosure() {
  const opened = Object.entries(openings()).map(([id, asked]) => {
    const { message, field, copies, to, secret } = asked;
    const result = openSealed(message, field, copies, { to, secret: fromHex(secret) });
    const input = { id, message, field, copies, to, secret };
    if (!result.ok) return { ...input, refusal: result.reason };
    return { ...input, salt: toHex(result.value.salt), value: result.value.value };
  });
  const revealed = Object.entries(reveals()).map(([id, asked]) => {
    const result = openWithheld(asked.message, asked.field, {
      salt: fromHex(asked.salt),
      value: asked.value,
    });
    return result.ok ? { id, ...asked, opens: true } : { id, ...asked, refusal: result.reason };
  });
  const accepted = <T extends object>(cases: readonly T[]) => cases.filter((each) => !('refusal' in each));
  const refused = <T extends object>(cases: readonly T[]) => cases.filter((each) => 'refusal' in each);
  return {
    withheld: Object.entries(MADE).map(([id, asked]) => {
      const { draft, commitment } = made(id);
      return { id, ...asked, body: draft.body, commitment };
    }),
    withheldRefused: Object.entries(NOT_MADE).map(([id, asked]) => {
      const result = run(asked);
      if (result.ok) throw new TypeError(`${id} is not refused`);
      return { id, ...asked, refusal: result.reason };
    }),
    opened: accepted(opened),
    openedRefused: refused(opened),
    revealed: accepted(revealed),
    revealedRefused: refused(revealed),
  };
}
