import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../protocols/base/bytes.ts';
import {
  CID,
  isContentCid,
  isContentCidText,
  isDocumentCid,
  isDocumentCidText,
  parseCid,
} from '../../protocols/codec/cid.ts';
import { encode } from '../../protocols/codec/codec.ts';
import { KnownKeys } from '../../protocols/codec/known-keys.ts';
import {
  readAnyEnvelope,
  readUsualEnvelope,
  type UnverifiedEnvelope,
} from '../../protocols/message/envelope.ts';
import { charterOf } from '../support/federation.ts';
import { runsOf } from '../support/runs.ts';
import { contentCid } from '../support/samples.ts';
import { testSeed } from '../support/seed.ts';

const seed = testSeed();
/** Filled by each message that is read, whole or broken. */
const keys = new KnownKeys();
const federation = CID.parse(charterOf().id);
const text = fc.string({ unit: 'binary', maxLength: 30 }).filter((each) => !each.startsWith('\ufeff'));
const { plain, odd } = fc.letrec<{ plain: unknown; odd: unknown }>((tie) => ({
  plain: fc.oneof(
    { depthSize: 'small', maxDepth: 12, withCrossShrink: true },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      23,
      24,
      255,
      256,
      65_535,
      65_536,
      2 ** 32,
      2 ** 53 - 1,
      1 - 2 ** 53,
    ),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('plain'), { maxLength: 4 }),
    fc.dictionary(text, tie('plain'), { maxKeys: 4, noNullPrototype: true }),
  ),
  odd: fc.oneof(
    fc.constantFrom(CID.parse(contentCid('linked')), federation, 1.5, 2n ** 60n, -(2n ** 60n), 2n ** 53n),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('odd'), { maxLength: 2 }),
  ),
}));
const body = fc.dictionary(text, fc.oneof({ weight: 30, arbitrary: plain }, { weight: 1, arbitrary: odd }), {
  maxKeys: 5,
  noNullPrototype: true,
});
const link = fc.constantFrom(federation, CID.parse(contentCid('elsewhere')));
const natural = fc.oneof(fc.constantFrom(0, 1, 23, 24, 2 ** 32), fc.maxSafeNat());

/** Payloads of the usual shape, and each of the ways to leave it. */
const payload = fc
  .record({
    v: fc.oneof(
      { weight: 20, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.constantFrom(0, 2, '1') },
    ),
    federation: fc.oneof({ weight: 20, arbitrary: fc.constant(federation) }, { weight: 1, arbitrary: link }),
    author: fc.oneof(
      { weight: 20, arbitrary: fc.uint8Array({ minLength: 32, maxLength: 32 }) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    ),
    sequence: fc.oneof(
      { weight: 20, arbitrary: natural },
      { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, null) },
    ),
    issuedAt: fc.oneof(
      { weight: 20, arbitrary: natural },
      { weight: 1, arbitrary: fc.constantFrom(-1, 2 ** 60) },
    ),
    kind: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom('note/1', 'something-new/9999', 'a/1') },
      { weight: 1, arbitrary: fc.constantFrom('note/0', '', 'Note/1', `${'n'.repeat(70)}/1`) },
    ),
    body,
    more: fc.oneof(
      { weight: 20, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.constant({ more: 1 }) },
    ),
    first: fc.boolean(),
  })
  .map(({ more, first, ...fields }) => ({
    ...fields,
    ...more,
    sequence: first ? 0 : fields.sequence,
    previous: first ? null : federation,
  }));
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });
const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 });

function shown(envelope: UnverifiedEnvelope): unknown {
  const { payload, signature, author, federation, previous, ...rest } = envelope;
  const bytes = [payload, signature, author, federation, previous ?? new Uint8Array()].map(toHex);
  return { bytes, first: previous === null, ...rest };
}

/** What the quick reader reads, the judge reads too, and the same. */
function agreed(wire: Uint8Array): boolean {
  const usual = readUsualEnvelope(wire, keys);
  if (usual === null) return false;
  const judged = readAnyEnvelope(wire);
  if (!judged.ok) throw new Error(`${judged.reason} (${judged.detail}) of ${toHex(wire)}`);
  expect(shown(usual)).toEqual(shown(judged.value));
  expect(readUsualEnvelope(wire)).toEqual(usual);
  return true;
}

function change(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const changed = bytes.slice();
  for (const [pick, byte] of changed.length > 0 ? changes : []) changed[pick % changed.length] = byte;
  return changed;
}

describe('the quick reader of an envelope', () => {
  it('says what the judge says, of payloads, of changed bytes in them and around them', () => {
    let usual = 0;
    fc.assert(
      fc.property(payload, signature, edits, edits, (fields, signed, within, around) => {
        const bytes = encode(fields);
        if (agreed(encode([bytes, signed]))) usual += 1;
        agreed(encode([change(bytes, within), signed]));
        agreed(change(encode([bytes, signed]), around));
      }),
      { numRuns: runsOf(6_000), seed },
    );
    expect(usual).toBeGreaterThan(runsOf(1_000));
  });

  it('reads every payload that leaves out nothing and adds nothing', () => {
    const right = fc.record({
      v: fc.constant(1),
      federation: fc.constant(federation),
      author: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      sequence: natural.filter((each) => each > 0),
      previous: fc.constant(federation),
      issuedAt: natural,
      kind: fc.constantFrom('note/1', 'something-new/9999'),
      body: fc.dictionary(text, plain, { maxKeys: 5, noNullPrototype: true }),
    });
    fc.assert(
      fc.property(right, signature, (fields, signed) => {
        const wire = encode([encode(fields), signed]);
        expect(readUsualEnvelope(wire) !== null).toBe(readAnyEnvelope(wire).ok);
      }),
      { numRuns: runsOf(2_000), seed },
    );
  });
});

describe('a CID judged by its text', () => {
  const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567');
  const texts = fc
    .tuple(
      fc.constantFrom('bafyrei', 'bafybei', 'bafkrei', 'bafyre', 'bafkre', 'bahyrei'),
      fc.array(letters, { minLength: 53 - 1, maxLength: 53 }),
    )
    .map(([head, rest]) => (head + rest.join('')).slice(0, 59));

  it('is what parsing says', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          texts.map((each) => `${each}\n`),
          fc.string(),
        ),
        (each) => {
          const cid = parseCid(each);
          expect(isDocumentCidText(each)).toBe(cid !== null && isDocumentCid(cid));
          expect(isContentCidText(each)).toBe(cid !== null && isContentCid(cid));
        },
      ),
      { numRuns: runsOf(20_000), seed },
    );
  });
});
