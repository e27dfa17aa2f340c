import { describe, expect, it } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import {
  decodeEntryBundle,
  encodeEntryBundle,
  formatTilePath,
  leafHash,
  MerkleTree,
  parseTilePath,
  type TileName,
  tileBytes,
  tileWidth,
} from '../../../protocols/feed/index.ts';
import { nativeSha256 } from '../../../services/keys/index.ts';

const reasonOf = (result: { readonly ok: boolean }) => ('reason' in result ? result.reason : 'accepted');

describe('the path of a tile', () => {
  it.each<[string, TileName]>([
    ['tile/0/000', { level: 0, index: 0, width: 256 }],
    ['tile/0/x001/x234/067', { level: 0, index: 1234067, width: 256 }],
    ['tile/1/999.p/1', { level: 1, index: 999, width: 1 }],
    ['tile/63/x001/000.p/255', { level: 63, index: 1000, width: 255 }],
    ['tile/entries/273.p/112', { level: 'entries', index: 273, width: 112 }],
    [
      'tile/entries/x009/x007/x199/x254/x740/991',
      { level: 'entries', index: Number.MAX_SAFE_INTEGER, width: 256 },
    ],
  ])('%s', (path, name) => {
    expect(formatTilePath(name)).toBe(path);
    expect(parseTilePath(path)).toEqual({ ok: true, value: name });
  });

  it.each([
    '',
    'tile/0',
    'tile/0/0',
    'tile/0/1234067',
    'tile/0/001/234/067',
    'tile/0/x001/x234/x067',
    'tile/0/x000/067',
    'tile/00/067',
    'tile/64/067',
    'tile/-1/067',
    'tile/0/067.p/0',
    'tile/0/067.p/256',
    'tile/0/067.p/01',
    'tile/0/067.p/',
    'tile/0/067/',
    '/tile/0/067',
    'tile/data/067',
    'tile/entries/x009/x007/x199/x254/x740/992',
    'tile/0/٠٠٠',
    `tile/0/${'x001/'.repeat(100)}067`,
  ])('%s is refused', (path) => {
    expect(reasonOf(parseTilePath(path))).toBe('tile-path-invalid');
  });

  it('is not made of what is no tile', () => {
    const wrong: Partial<TileName>[] = [
      { level: 64 },
      { level: -1 },
      { index: 0.5 },
      { width: 0 },
      { width: 257 },
    ];
    for (const changes of wrong)
      expect(() => formatTilePath({ level: 0, index: 0, width: 256, ...changes })).toThrow(TypeError);
  });
});

describe('a tile', () => {
  const tree = new MerkleTree(nativeSha256);
  for (let i = 0; i < 70_000; i++) tree.append(leafHash(utf8(`${i}`), nativeSha256));

  it('has the widths of the example of C2SP', () => {
    const width = (level: TileName['level'], index: number) => tileWidth(70_000, { level, index });
    expect([width(0, 272), width(0, 273), width(0, 274)]).toEqual([256, 112, 0]);
    expect([width('entries', 272), width('entries', 273), width('entries', 274)]).toEqual([256, 112, 0]);
    expect([width(1, 0), width(1, 1), width(1, 2), width(2, 0), width(3, 0)]).toEqual([256, 17, 0, 1, 0]);
  });

  it('holds the roots of the full tiles below', () => {
    const rootOf = (bytes: Uint8Array | null): string => {
      if (bytes === null) throw new Error('no such tile');
      const over = new MerkleTree(nativeSha256);
      for (let at = 0; at < bytes.length; at += 32) over.append(bytes.subarray(at, at + 32));
      return toHex(over.root());
    };
    const one = tileBytes(tree, { level: 1, index: 1, width: 17 });
    expect(one).toHaveLength(17 * 32);
    const below = tileBytes(tree, { level: 0, index: 256 + 16, width: 256 });
    expect(rootOf(below)).toBe(toHex((one as Uint8Array).subarray(16 * 32)));
    const two = tileBytes(tree, { level: 2, index: 0, width: 1 });
    expect(toHex(two as Uint8Array)).toBe(rootOf(tileBytes(tree, { level: 1, index: 0, width: 256 })));
  });

  it('is there where the tree has all of it', () => {
    expect(tileBytes(tree, { level: 0, index: 273, width: 111 })).toHaveLength(111 * 32);
    expect(tileBytes(tree, { level: 0, index: 273, width: 113 })).toBeNull();
    expect(tileBytes(tree, { level: 63, index: 0, width: 1 })).toBeNull();
    expect(tileBytes(tree, { level: 0, index: Number.MAX_SAFE_INTEGER, width: 1 })).toBeNull();
  });
});

describe('an entry bundle', () => {
  const entries = [utf8('one'), new Uint8Array(), new Uint8Array(MESSAGE_LIMIT_BYTES).fill(7)];
  const bundle = encodeEntryBundle(entries);

  it('reads as it was written', () => {
    expect(toHex(bundle.subarray(0, 7))).toBe('00036f6e650000');
    expect(decodeEntryBundle(bundle, 3)).toEqual({ ok: true, value: entries });
    // a view on other bytes
    const framed = concatBytes(utf8('frame'), bundle).subarray(5);
    expect(decodeEntryBundle(framed, 3)).toEqual({ ok: true, value: entries });
  });

  it('with other than its entries is refused', () => {
    const wrong: [Uint8Array, number][] = [
      [bundle, 2],
      [bundle, 4],
      [bundle.subarray(0, -1), 3],
      [bundle.subarray(0, 6), 2],
      [concatBytes(bundle, new Uint8Array(1)), 3],
      [concatBytes(bundle, new Uint8Array(1)), 4],
      [new Uint8Array(), 1],
    ];
    for (const [bytes, width] of wrong)
      expect(reasonOf(decodeEntryBundle(bytes, width))).toBe('bundle-invalid');
  });

  it('holds one to 256 messages', () => {
    expect(() => encodeEntryBundle([])).toThrow(TypeError);
    expect(() => encodeEntryBundle(Array(257).fill(utf8('x')))).toThrow(TypeError);
    expect(() => encodeEntryBundle([new Uint8Array(MESSAGE_LIMIT_BYTES + 1)])).toThrow(TypeError);
    expect(MESSAGE_LIMIT_BYTES).toBe(2 ** 16 - 1);
  });
});
