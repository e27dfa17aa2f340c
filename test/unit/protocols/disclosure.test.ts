import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import { fromHex, utf8 } from '../../../protocols/base/bytes.ts';
import type { Plain, PlainObject } from '../../../protocols/base/plain.ts';
import { toBase64 } from '../../../protocols/codec/base64.ts';
import {
  commitmentOf,
  openCopy,
  openSealed,
  openWithheld,
  sealCopy,
  valueAt,
  withheldFields,
  withhold,
  withValueAt,
} from '../../../protocols/disclosure/index.ts';
import { deriveKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { didKey, memberKey } from '../../../protocols/identity/did-key.ts';
import { checkBody, isWithheld, SEALED_SIZES, type SealedCopy } from '../../../protocols/kinds/index.ts';
import { charterOf, signerOf } from '../../support/federation.ts';
import { frontierNotice } from '../../support/oversight/model-case.ts';

const charter = charterOf();
const keyOf = (name: string) => memberKey(signerOf(name).publicKey);
const author = keyOf('example-lab');
const SALT = new Uint8Array(32).fill(3);

function reader(fill: number) {
  const seed = new Uint8Array(32).fill(fill);
  return { to: publicKeys(seed).sealing, secret: deriveKey(seed, 'sealing') };
}
const regulator = reader(1);
const stranger = reader(2);
const draw = (fill: number) => ({
  ephemeralSecret: new Uint8Array(32).fill(fill),
  nonce: new Uint8Array(24).fill(fill),
});

const draft = { federation: charter.id, author, kind: 'frontier-release/1', body: frontierNotice() };
const plan = { reason: 'trade-secret', retainedUntil: '2036-12-31', salt: SALT } as const;
const FIELD = '/model/parameters';

function sealedNotice(body: PlainObject = draft.body, field = FIELD) {
  const done = withhold({ ...draft, body }, { ...plan, field, readers: [{ to: regulator.to, ...draw(9) }] });
  if (!done.ok) throw new TypeError(done.detail);
  const there = valueAt(done.value.body, field);
  if (!isWithheld(there)) throw new TypeError('nothing is withheld');
  return { ...done.value, message: { ...draft, body: done.value.body }, copies: there.withheld.sealed ?? [] };
}

describe('a withheld field', () => {
  it('shows as withheld in a body that its kind accepts, and nowhere holds the value', () => {
    const { body, commitment } = sealedNotice();
    expect(checkBody('frontier-release/1', body)).toBeNull();
    expect(withheldFields(body)).toMatchObject([
      { field: FIELD, withheld: { reason: 'trade-secret', retainedUntil: '2036-12-31', commitment } },
    ]);
    expect(JSON.stringify(body)).not.toContain('10000000');
  });

  it('is opened by the reader it is sealed to, and by nobody else', () => {
    const { message, copies, opening } = sealedNotice();
    expect(openSealed(message, FIELD, copies, regulator)).toEqual({ ok: true, value: opening });
    expect(openSealed(message, FIELD, copies, stranger)).toMatchObject({ reason: 'no-copy-for-key' });
    const forced = copies.map((copy) => ({ ...copy, to: stranger.to }));
    expect(openSealed(message, FIELD, forced, stranger)).toMatchObject({ reason: 'box-closed' });
  });

  const other = frontierNotice();
  it.each([
    { id: 'another value', change: { body: sealedNotice({ ...other, summary: 'x' }, '/summary').body } },
    { id: 'another federation', change: { federation: charterOf({ ...charter.document, name: 'x' }).id } },
    { id: 'another author', change: { author: keyOf('example-regulator') } },
    { id: 'another kind', change: { kind: 'analog-release/1' } },
  ])('does not open for $id', ({ change }) => {
    const { message, copies, opening } = sealedNotice();
    const elsewhere = { ...message, ...change };
    expect(openSealed(elsewhere, FIELD, copies, regulator).ok).toBe(false);
    expect(openWithheld(elsewhere, FIELD, opening).ok).toBe(false);
  });

  it('does not open with a copy of another field, nor under a changed commitment', () => {
    const { message, copies, opening } = sealedNotice();
    const two = withhold(message, {
      ...plan,
      field: '/training',
      salt: new Uint8Array(32).fill(4),
      readers: [],
    });
    if (!two.ok) throw new TypeError(two.detail);
    const both = { ...message, body: two.value.body };
    expect(openSealed(both, '/training', copies, regulator)).toMatchObject({ reason: 'opening-of-another' });
    const forged = withValueAt(both.body, FIELD, {
      withheld: { reason: 'trade-secret', retainedUntil: '2036-12-31', commitment: 'ab'.repeat(32) },
    });
    const changed = { ...both, body: forged };
    expect(openSealed(changed, FIELD, copies, regulator)).toMatchObject({ reason: 'commitment-differs' });
    expect(openWithheld(changed, FIELD, opening)).toMatchObject({ reason: 'commitment-differs' });
    expect(openWithheld(changed, '/deployedOn', opening)).toMatchObject({ reason: 'not-committed' });
  });

  it('does not open to another value or salt', () => {
    const { message, opening } = sealedNotice();
    for (const value of [9_999_999, '10000000', null, [10_000_000], { n: 10_000_000 }])
      expect(openWithheld(message, FIELD, { ...opening, value })).toMatchObject({
        reason: 'commitment-differs',
      });
    const salt = SALT.with(31, 4);
    expect(openWithheld(message, FIELD, { ...opening, salt })).toMatchObject({
      reason: 'commitment-differs',
    });
    expect(openWithheld(message, FIELD, opening)).toEqual({ ok: true, value: 10_000_000 });
  });

  it('is refused where there is no such field, or what is in it is withheld already', () => {
    const again = { ...plan, readers: [] };
    expect(withhold(draft, { ...again, field: '/nothing' })).toMatchObject({ reason: 'field-absent' });
    const { message } = sealedNotice();
    for (const field of [FIELD, '/model'])
      expect(withhold(message, { ...again, field })).toMatchObject({ reason: 'field-withheld' });
  });
});

describe('a sealed copy', () => {
  const context = { federation: charter.id, author, kind: 'reply/1', field: '/text' };
  const sealed = (value: Plain, to = regulator.to) => sealCopy(to, context, { salt: SALT, value }, draw(5));

  it('is as long as the next size, whatever it holds', () => {
    const sizes = new Set<number>();
    for (let chars = 0; chars <= 20_000; chars += 61) {
      const copy = sealed('x'.repeat(chars));
      if (!copy.ok) throw new TypeError(copy.detail);
      sizes.add(copy.value.box.length);
    }
    expect(sizes.size).toBe(SEALED_SIZES.length);
    expect(sealed(1).ok && sealed('a longer text of some words').ok).toBe(true);
    expect(sealed('x'.repeat(40_000))).toMatchObject({ reason: 'sealed-too-large' });
  });

  it.each([0, 1])('is not made for a key of small order, %i', (y) => {
    const key = new Uint8Array(32).with(0, y);
    expect(sealed(1, didKey('x25519', key))).toMatchObject({ reason: 'sealing-key-unsafe' });
  });

  it('is a NaCl box from its ephemeral key to the reader', () => {
    const copy = sealed('told');
    if (!copy.ok) throw new TypeError(copy.detail);
    const { box, nonce, ephemeral } = copy.value;
    const [a, b, c] = [box, nonce, ephemeral].map((text) => new Uint8Array(Buffer.from(text, 'base64')));
    const opened = nacl.box.open(a as Uint8Array, b as Uint8Array, c as Uint8Array, regulator.secret);
    expect(opened).toHaveLength(512);
  });

  const made = (bytes: Uint8Array): SealedCopy => {
    const { ephemeralSecret, nonce } = draw(6);
    const to = nacl.box.keyPair.fromSecretKey(regulator.secret).publicKey;
    return {
      to: regulator.to,
      ephemeral: toBase64(nacl.box.keyPair.fromSecretKey(ephemeralSecret).publicKey),
      nonce: toBase64(nonce),
      box: toBase64(nacl.box(bytes, nonce, to, ephemeralSecret)),
    };
  };
  it.each([
    ['without an end', new Uint8Array(512)],
    ['of text', new Uint8Array(512).fill(0x80)],
    [
      'of a size that it need not have',
      (() => {
        const wide = new Uint8Array(1_024);
        wide.set([...fromHex('80'), 0x80]);
        return wide;
      })(),
    ],
    [
      'of what is no opening',
      (() => {
        const bytes = new Uint8Array(512);
        bytes.set([...utf8('\x64text'), 0x80]);
        return bytes;
      })(),
    ],
  ])('does not open %s', (_, bytes) => {
    expect(openCopy(made(bytes), context, regulator.secret)).toMatchObject({ reason: 'opening-invalid' });
  });
});

describe('the place of a field', () => {
  const body = { a: { 'b/c~d': [{ x: 1 }, 2] }, length: 3 } as const satisfies PlainObject;
  it.each([
    ['/a/b~1c~0d/0/x', 1],
    ['/a/b~1c~0d/1', 2],
    ['/length', 3],
    ['/a/b~1c~0d/length', undefined],
    ['/a/b~1c~0d/01', undefined],
    ['/a/b~1c~0d/-', undefined],
    ['/a/toString', undefined],
    ['/length/x', undefined],
  ])('%s', (path, value) => {
    expect(valueAt(body, path)).toEqual(value);
    if (value === undefined) expect(() => withValueAt(body, path, 'new')).toThrow(TypeError);
    else expect(valueAt(withValueAt(body, path, 'new'), path)).toBe('new');
  });

  it('leaves the body as it was', () => {
    withValueAt(body, '/a/b~1c~0d/0/x', 9);
    expect(body.a['b/c~d'][0].x).toBe(1);
  });

  it('commits to each of several that read alike', () => {
    const at = (field: string, value: Plain) =>
      commitmentOf({ federation: charter.id, author, kind: 'reply/1', field }, { salt: SALT, value });
    const all = [
      at('/a', 'b'),
      at('/a/', 'b'),
      at('/b', 'a'),
      at('/a', ['b']),
      at('/a', { b: 0 }),
      at('/a', null),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
