import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { type Message, open, readStored, seal } from '../../protocols/message/index.ts';
import { charterOf, contextOf, signerOf } from '../support/federation.ts';
import { runsOf } from '../support/runs.ts';
import { testSeed } from '../support/seed.ts';
import { firstMessage } from '../support/vectors/message.ts';

const seed = testSeed();
const charter = charterOf();
const context = contextOf(charter.id);
const signer = signerOf('example-lab');

/** Any text that is Unicode; one that begins with a byte order mark has no encoding (spec 03-codec §1). */
const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((each) => !each.startsWith('\ufeff'));
const { body } = fc.letrec<{ value: unknown; body: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 8, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    tie('body'),
  ),
  body: fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}));

const drafts = fc.record({
  federation: fc.constant(charter.id),
  sequence: fc.maxSafeNat(),
  issuedAt: fc.maxSafeNat(),
  kind: fc.constantFrom('note/1', 'something-new/9999', 'a/1'),
  body: body as fc.Arbitrary<PlainObject>,
});

function sealed({ sequence, ...rest }: Omit<Parameters<typeof seal>[0], 'previous'>): Message {
  return seal({ ...rest, sequence, previous: sequence === 0 ? null : firstMessage().id }, signer);
}

describe('messages', () => {
  it('open as they were sealed', () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const message = sealed(draft);
        expect(open(message.wire, context)).toEqual({ ok: true, value: message });
        expect(readStored(message.wire)).toEqual(message);
      }),
      { numRuns: runsOf(500), seed },
    );
  });

  it('have one id for one payload, and others for others', () => {
    fc.assert(
      fc.property(drafts, drafts, (a, b) => {
        expect(sealed(a).id).toBe(sealed(a).id);
        if (JSON.stringify(a) !== JSON.stringify(b)) expect(sealed(a).id).not.toBe(sealed(b).id);
      }),
      { numRuns: runsOf(200), seed },
    );
  });

  it('never open with one bit flipped: every bit of one message', () => {
    const { wire } = firstMessage();
    expect(open(wire, context).ok).toBe(true);
    const opened: number[] = [];
    for (let bit = 0; bit < 8 * wire.length; bit++) if (open(flip(wire, bit), context).ok) opened.push(bit);
    expect(opened).toEqual([]);
  });

  it('never open with one bit flipped: bits of others', () => {
    fc.assert(
      fc.property(drafts, fc.nat(), (draft, pick) => {
        const { wire } = sealed(draft);
        expect(open(flip(wire, pick % (8 * wire.length)), context).ok).toBe(false);
      }),
      { numRuns: runsOf(1_000), seed },
    );
  });

  it('never open cut short or padded', () => {
    const { wire } = firstMessage();
    for (let length = 0; length < wire.length; length++)
      expect(open(wire.subarray(0, length), context).ok).toBe(false);
    for (let byte = 0; byte < 256; byte++) expect(open(Uint8Array.of(...wire, byte), context).ok).toBe(false);
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[bit >> 3] = (out[bit >> 3] as number) ^ (1 << (bit & 7));
  return out;
}
