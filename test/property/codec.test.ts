import * as dagCbor from '@ipld/dag-cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../protocols/base/bytes.ts';
import { CID, readCid } from '../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../protocols/codec/codec.ts';
import { scanShape } from '../../protocols/codec/scan.ts';
import { toDagJson } from '../../services/cli/conformance/dag-json.ts';
import { contentCid } from '../support/samples.ts';
import { testSeed } from '../support/seed.ts';

const seed = testSeed();
const text = fc.string({ unit: 'binary', maxLength: 30 }).filter((each) => !each.startsWith('\ufeff'));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 10, withCrossShrink: true },
    fc.constantFrom(null, true, false, CID.parse(contentCid('linked'))),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0)),
    text,
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(text, tie('value'), { maxKeys: 6, noNullPrototype: true }),
  ),
}));

describe('decodeCanonical', () => {
  it('accepts what encode makes, as the value it was', () => {
    fc.assert(
      fc.property(value, (document) => {
        const bytes = encode(document);
        const decoded = decodeCanonical(bytes);
        if (!decoded.ok) throw new Error(`${decoded.reason} of ${toHex(bytes)}`);
        expect(toDagJson(decoded.value)).toEqual(toDagJson(document));
        expect(toHex(encode(decoded.value))).toBe(toHex(bytes));
      }),
      { numRuns: 2_000, seed },
    );
  });

  it('accepts nothing else: any bytes, any change of one byte', () => {
    const accepted = (bytes: Uint8Array): void => {
      const decoded = decodeCanonical(bytes);
      if (decoded.ok) expect(toHex(encode(decoded.value))).toBe(toHex(bytes));
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), accepted), { numRuns: 5_000, seed });
    fc.assert(
      fc.property(value, fc.nat(), fc.integer({ min: 1, max: 255 }), (document, pick, change) => {
        const bytes = encode(document);
        bytes[pick % bytes.length] = (bytes[pick % bytes.length] as number) ^ change;
        accepted(bytes);
      }),
      { numRuns: 2_000, seed },
    );
  });

  it('agrees with a lenient reader whose value is encoded again', () => {
    const agreed = (bytes: Uint8Array): void => {
      if (scanShape(bytes) === null) expect(decodeCanonical(bytes).ok).toBe(isOwnEncoding(bytes));
    };
    // heads of every major type and width, and the bytes at which the rules of text, links and floats turn
    const byte = fc.oneof(
      fc.nat(255),
      fc.constantFrom(
        0,
        0x18,
        0x1b,
        0x3b,
        0x61,
        0x62,
        0xa1,
        0xa2,
        0xd8,
        0x2a,
        0xef,
        0xbb,
        0xbf,
        0xf6,
        0xf9,
        0xfb,
      ),
    );
    const edit = fc.tuple(fc.nat(), byte);
    fc.assert(
      fc.property(value, fc.array(edit, { maxLength: 3 }), (document, edits) => {
        const bytes = encode(document);
        for (const [pick, changed] of edits) bytes[pick % bytes.length] = changed;
        agreed(bytes);
      }),
      { numRuns: 4_000, seed },
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 24 }), (bytes) => agreed(Uint8Array.from(bytes))),
      { numRuns: 4_000, seed },
    );
  });

  it('walks past what it can decode, and the decoder never throws past it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        if (scanShape(bytes) !== null) expect(decodeCanonical(bytes).ok).toBe(false);
      }),
      { numRuns: 5_000, seed },
    );
  });
});

/** The library reads links of every version and hash. */
function linksOf(value: unknown): CID[] {
  const cid = CID.asCID(value);
  if (cid !== null) return [cid];
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.values(value).flatMap(linksOf);
}

function isOwnEncoding(bytes: Uint8Array): boolean {
  try {
    const value: unknown = dagCbor.decode(bytes);
    return (
      linksOf(value).every((cid) => readCid(cid.bytes) !== null) &&
      toHex(dagCbor.encode(value)) === toHex(bytes)
    );
  } catch {
    return false; // not DAG-CBOR, or a map that the encoder takes for a link
  }
}
