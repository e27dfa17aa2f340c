import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromUtf8, toHex, utf8 } from '../../protocols/base/bytes.ts';
import type { FederationId } from '../../protocols/base/ids.ts';
import { documentName } from '../../protocols/codec/cid.ts';
import {
  checkpointNote,
  decodeEntryBundle,
  encodeEntryBundle,
  feedNoteKey,
  formatCheckpointText,
  formatNote,
  formatTilePath,
  formatTlogProof,
  formatVkey,
  leafHash,
  MerkleTree,
  parseCheckpointText,
  parseNoteUnverified,
  parseTilePath,
  parseTlogProofUnverified,
  parseVkey,
  signHead,
} from '../../protocols/feed/index.ts';
import { signerOf } from '../support/federation.ts';
import { testSeed } from '../support/seed.ts';

const seed = testSeed();
const federation = documentName(utf8('a federation')) as FederationId;
const signer = signerOf('example-lab');
const tree = new MerkleTree();
for (let i = 0; i < 6; i++) tree.append(leafHash(utf8(`entry ${i}`)));
const head = signHead(federation, { size: 6, root: tree.root() }, signer);
const note = checkpointNote(head, federation);

/** What a parser made of bytes, written again; null where it refused them. */
type Rewrite = (bytes: Uint8Array) => Uint8Array | null;

const rewrites: Readonly<Record<string, { readonly valid: Uint8Array; readonly again: Rewrite }>> = {
  'a note': {
    valid: utf8(note),
    again: (bytes) => {
      const parsed = parseNoteUnverified(bytes);
      return parsed.ok ? utf8(formatNote(parsed.value.text, parsed.value.signatures)) : null;
    },
  },
  'the text of a checkpoint': {
    valid: utf8(note.slice(0, note.indexOf('\n\n') + 1)),
    again: (bytes) => {
      const parsed = parseCheckpointText(fromUtf8(bytes));
      if (!parsed.ok) return null;
      const more = parsed.value.extensions.map((line) => `${line}\n`).join('');
      return utf8(formatCheckpointText(parsed.value) + more);
    },
  },
  'a proof file': {
    valid: utf8(formatTlogProof({ index: 4, path: tree.inclusionProof(4), extra: utf8('extra') }, note)),
    again: (bytes) => {
      const parsed = parseTlogProofUnverified(bytes);
      if (!parsed.ok) return null;
      const { text, signatures } = parsed.value.note;
      return utf8(formatTlogProof(parsed.value, formatNote(text, signatures)));
    },
  },
  'the path of a tile': {
    valid: utf8('tile/10/x001/x234/067.p/112'),
    again: (bytes) => {
      const parsed = parseTilePath(fromUtf8(bytes));
      return parsed.ok ? utf8(formatTilePath(parsed.value)) : null;
    },
  },
  'an entry bundle': {
    valid: encodeEntryBundle([utf8('one'), utf8(''), utf8('three')]),
    again: (bytes) => {
      const parsed = decodeEntryBundle(bytes, 3);
      return parsed.ok ? encodeEntryBundle(parsed.value) : null;
    },
  },
  'a vkey': {
    valid: utf8(formatVkey(feedNoteKey(federation, head.author))),
    again: (bytes) => {
      const parsed = parseVkey(fromUtf8(bytes));
      return parsed.ok ? utf8(formatVkey(parsed.value)) : null;
    },
  },
};

/** Bytes at which the rules turn, ASCII all: other bytes are not text. */
const turn = fc.oneof(fc.constantFrom(...utf8('\n\n \r\t+=/x0.-A')), fc.nat(127));
const edit = fc.record({
  at: fc.nat(),
  remove: fc.nat(2),
  insert: fc.array(turn, { maxLength: 2 }),
});

describe.each(Object.entries(rewrites))('%s', (_, { valid, again }) => {
  it('reads as it was written', () => {
    expect(toHex(again(valid) ?? new Uint8Array())).toBe(toHex(valid));
  });

  it('with any change has one spelling, or is refused', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 2 }), (edits) => {
        let bytes = valid;
        for (const { at, remove, insert } of edits) {
          const place = at % (bytes.length + 1);
          const rest = bytes.subarray(place + remove);
          bytes = concatBytes(bytes.subarray(0, place), Uint8Array.from(insert), rest);
        }
        if (!isText(bytes)) return;
        const written = again(bytes);
        if (written === null) return;
        accepted++;
        expect(toHex(written)).toBe(toHex(bytes));
      }),
      { numRuns: 3_000, seed },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it('refuses any bytes without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        if (isText(bytes)) again(bytes);
      }),
      { numRuns: 2_000, seed },
    );
  });
});

/** Removing one byte of a dash leaves what is no UTF-8, which the readers of bytes refuse by themselves. */
function isText(bytes: Uint8Array): boolean {
  try {
    fromUtf8(bytes);
    return true;
  } catch {
    return false;
  }
}
