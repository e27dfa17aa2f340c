import { describe, expect, it } from 'vitest';
import type { FederationId } from '../../protocols/base/ids.ts';
import type { Plain, PlainObject } from '../../protocols/base/plain.ts';
import { fromBase64, toBase64 } from '../../protocols/codec/base64.ts';
import { decodeCanonical, encode } from '../../protocols/codec/codec.ts';
import {
  fieldPathOf,
  type Opening,
  openSealed,
  openWithheld,
  valueAt,
  withheldFields,
  withhold,
} from '../../protocols/disclosure/index.ts';
import { deriveKey, publicKeys } from '../../protocols/identity/derive.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import { isWithheld, type SealedCopy } from '../../protocols/kinds/index.ts';
import { charterOf, signerOf } from '../support/federation.ts';
import { runsOf } from '../support/runs.ts';
import { pickBelow, randomFrom, testSeed } from '../support/seed.ts';

const ROUNDS = runsOf(150);
const random = randomFrom(testSeed());
const pick = <T>(items: readonly T[]): T => items[pickBelow(random, items.length)] as T;
const bytes = (length: number) => Uint8Array.from({ length }, () => pickBelow(random, 256));

const KEYS = [
  'a',
  '',
  '~',
  '/',
  '~1',
  'a/b',
  '0',
  '01',
  '-',
  'length',
  '__proto__',
  'constructor',
  '😀',
  'é',
];
const LEAVES: readonly Plain[] = [
  null,
  true,
  false,
  0,
  -1,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  '',
  '😀',
  'x'.repeat(3_000),
];

function plain(depth: number): Plain {
  const shape = depth === 0 ? 0 : pickBelow(random, 3);
  if (shape === 0) return pick(LEAVES);
  const inner = Array.from({ length: pickBelow(random, 4) }, () => plain(depth - 1));
  if (shape === 1) return inner;
  // with own properties of any name
  return Object.fromEntries(inner.map((value) => [pick(KEYS), value])) as PlainObject;
}

/** Places of a body, without the body itself. */
function placesOf(value: Plain, keys: readonly (string | number)[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => [
    fieldPathOf([...keys, key]),
    ...placesOf(inner as Plain, [...keys, key]),
  ]);
}

function readerOf(fill: number) {
  const seed = new Uint8Array(32).fill(fill);
  return { to: publicKeys(seed).sealing, secret: deriveKey(seed, 'sealing') };
}
const READERS = [1, 2, 3, 4].map(readerOf);
const federation = charterOf().id;
const author = memberKey(signerOf('example-lab').publicKey);

interface Case {
  readonly message: {
    readonly federation: FederationId;
    readonly author: typeof author;
    readonly kind: string;
    readonly body: PlainObject;
  };
  readonly field: string;
  readonly opening: Opening;
  readonly copies: readonly SealedCopy[];
  readonly readers: readonly (typeof READERS)[number][];
}

function sealed(): Case {
  for (;;) {
    const body = { first: plain(3), second: plain(2) } as PlainObject;
    const field = pick(placesOf(body));
    const readers = READERS.filter(() => random() < 0.5);
    const done = withhold(
      { federation, author, kind: 'reply/1', body },
      {
        field,
        reason: 'trade-secret',
        retainedUntil: '2036-12-31',
        salt: bytes(32),
        readers: readers.map(({ to }) => ({ to, ephemeralSecret: bytes(32), nonce: bytes(24) })),
      },
    );
    if (!done.ok) {
      // more than the largest copy holds
      expect(done.reason).toBe('sealed-too-large');
      continue;
    }
    // as it comes over the wire
    const decoded = decodeCanonical(encode(done.value.body));
    if (!decoded.ok) throw new TypeError(decoded.detail);
    const received = decoded.value as PlainObject;
    const there = valueAt(received, field);
    if (!isWithheld(there)) throw new TypeError('nothing is withheld');
    const message = { federation, author, kind: 'reply/1', body: received };
    return { message, field, opening: done.value.opening, copies: there.withheld.sealed ?? [], readers };
  }
}

describe('a sealed field of any value, anywhere in a body', () => {
  const cases = Array.from({ length: ROUNDS }, sealed);

  it('is the one that shows as withheld, and opens to its readers and to no one else', () => {
    for (const { message, field, opening, copies, readers } of cases) {
      expect(withheldFields(message.body).map((each) => each.field)).toEqual([field]);
      for (const reader of READERS) {
        const opened = openSealed(message, field, copies, reader);
        if (!readers.includes(reader)) {
          expect(opened).toMatchObject({ reason: 'no-copy-for-key' });
          // nor by claiming another's copy
          const claimed = copies.map((copy) => ({ ...copy, to: reader.to }));
          expect(openSealed(message, field, claimed, reader).ok).toBe(false);
          continue;
        }
        expect(opened.ok && encode(opened.value.value)).toEqual(encode(opening.value));
        expect(openWithheld(message, field, opening).ok).toBe(true);
      }
    }
  });

  it('does not open with any byte of the copy changed', () => {
    for (const { message, field, copies, readers } of cases) {
      for (const part of ['box', 'nonce', 'ephemeral'] as const) {
        const [reader, copy] = [readers[0], copies[0]];
        if (reader === undefined || copy === undefined) continue;
        const changed = fromBase64(copy[part]) as Uint8Array;
        const at = pickBelow(random, changed.length);
        // the topmost bit of an X25519 key means nothing (RFC 7748 §5)
        const bit = part === 'ephemeral' && at === 31 ? pickBelow(random, 7) : pickBelow(random, 8);
        changed[at] = (changed[at] as number) ^ (1 << bit);
        const other = [{ ...copy, [part]: toBase64(changed) }];
        expect(openSealed(message, field, other, reader)).toMatchObject({ reason: 'box-closed' });
      }
    }
  });

  it('does not open under a changed commitment, nor with the opening of another case', () => {
    for (const [index, { message, field, copies, readers, opening }] of cases.entries()) {
      const other = cases[(index + 1) % cases.length] as Case;
      expect(openWithheld(message, field, other.opening).ok).toBe(false);
      expect(openWithheld(message, field, { ...opening, value: other.opening.value }).ok).toBe(
        Buffer.from(encode(other.opening.value)).equals(encode(opening.value)),
      );
      for (const reader of readers) {
        const same = other.field === field;
        const result = openSealed(other.message, other.field, copies, reader);
        expect(result).toMatchObject({ reason: same ? 'commitment-differs' : 'opening-of-another' });
      }
    }
  });
});
