import { describe, expect, it } from 'vitest';
import { DOCUMENT_ENTRIES_LIMIT } from '../../../protocols/base/limits.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { scanShape } from '../../../protocols/codec/scan.ts';

describe('hostile shapes', () => {
  it.each([
    ['lists in lists', Uint8Array.of(0x81), 'too-deep'],
    ['maps in maps', Uint8Array.of(0xa1, 0x60), 'too-deep'],
    ['links in links', Uint8Array.of(0xd8, 0x2a), 'not-dag-cbor'],
  ])('%s to any depth end the walk at once', (_id, unit, reason) => {
    const bytes = new Uint8Array(1 << 20);
    for (let at = 0; at < bytes.length; at += unit.length) bytes.set(unit, at);
    expect(scanShape(bytes)).toBe(reason);
    expect(decodeCanonical(bytes)).toMatchObject({ ok: false, reason });
  });

  it('takes as many entries as the limit, and no more', () => {
    const list = Array.from({ length: DOCUMENT_ENTRIES_LIMIT }, () => 0);
    expect(decodeCanonical(encode(list)).ok).toBe(true);
    expect(decodeCanonical(encode([...list, 0]))).toMatchObject({ reason: 'too-many-entries' });
  });

  it('does not believe a length', () => {
    for (const head of [0x5b, 0x7b])
      expect(scanShape(Uint8Array.of(head, 0, 31, 255, 255, 255, 255, 255, 255))).toBe('truncated');
    for (const head of [0x9b, 0xbb])
      expect(scanShape(Uint8Array.of(head, 0, 31, 255, 255, 255, 255, 255, 255))).toBe('too-many-entries');
  });
});
