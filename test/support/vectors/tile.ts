import { concatBytes, toHex, utf8 } from '../../../protocols/base/bytes.ts';
import {
  decodeEntryBundle,
  encodeEntryBundle,
  formatTilePath,
  parseTilePath,
  type TileName,
  tileBytes,
} from '../../../protocols/feed/index.ts';
import { entryOf, treeOf } from './tree.ts';

const PATHS: Readonly<Record<string, TileName>> = {
  first: { level: 0, index: 0, width: 256 },
  'three-groups': { level: 0, index: 1_234_067, width: 256 },
  partial: { level: 1, index: 0, width: 17 },
  'highest-level': { level: 63, index: 999, width: 1 },
  entries: { level: 'entries', index: 273, width: 112 },
  'index-2-to-53-less-one': { level: 0, index: Number.MAX_SAFE_INTEGER, width: 255 },
};

const PATHS_REFUSED: Readonly<Record<string, string>> = {
  empty: '',
  'index-without-padding': 'tile/0/67',
  'index-in-one-group': 'tile/0/1234067',
  'groups-without-x': 'tile/0/001/234/067',
  'last-group-with-x': 'tile/0/x001/x067',
  'group-of-zeros-first': 'tile/0/x000/067',
  'level-with-a-leading-zero': 'tile/00/067',
  'level-64': 'tile/64/067',
  'level-unknown': 'tile/data/067',
  'width-0': 'tile/0/067.p/0',
  'width-256': 'tile/0/067.p/256',
  'width-with-a-leading-zero': 'tile/0/067.p/01',
  'slash-first': '/tile/0/067',
  'slash-last': 'tile/0/067/',
  'index-2-to-53': 'tile/0/x009/x007/x199/x254/x740/992',
  'line-feed-last': 'tile/0/067\n',
};

/** Tiles of a tree of 300 entries; null where there is none. */
const TILES: Readonly<Record<string, TileName & { readonly level: number }>> = {
  'partial-over-leaves': { level: 0, index: 1, width: 44 },
  'less-than-there-is': { level: 0, index: 1, width: 2 },
  'over-a-full-tile': { level: 1, index: 0, width: 1 },
  'more-than-there-is': { level: 0, index: 1, width: 45 },
  'full-where-partial': { level: 0, index: 1, width: 256 },
  'over-a-partial-tile': { level: 1, index: 0, width: 2 },
  'level-without-tiles': { level: 2, index: 0, width: 1 },
};
const TILES_SIZE = 300;

const BUNDLES: Readonly<Record<string, readonly Uint8Array[]>> = {
  one: [entryOf(0)],
  three: [entryOf(0), entryOf(1), entryOf(2)],
  'empty-entry': [utf8(''), entryOf(1)],
};

function bundlesRefused(): Record<string, readonly [Uint8Array, number]> {
  const bundle = encodeEntryBundle([entryOf(0), entryOf(1)]);
  return {
    empty: [new Uint8Array(), 1],
    'entry-missing': [bundle, 3],
    'entry-too-many': [bundle, 1],
    'entry-cut-short': [bundle.subarray(0, -1), 2],
    'length-cut-short': [bundle.subarray(0, 10), 2],
    'byte-after-the-last': [concatBytes(bundle, new Uint8Array(1)), 2],
  };
}

export function buildTile() {
  const tree = treeOf(TILES_SIZE);
  return {
    paths: Object.entries(PATHS).map(([id, name]) => ({ id, path: formatTilePath(name), ...name })),
    pathsRefused: Object.entries(PATHS_REFUSED).map(([id, path]) => {
      const result = parseTilePath(path);
      if (result.ok) throw new TypeError(`accepted: ${id}`);
      return { id, path, refusal: result.reason };
    }),
    tiles: Object.entries(TILES).map(([id, name]) => {
      const tile = tileBytes(tree, name);
      return { id, size: TILES_SIZE, path: formatTilePath(name), tile: tile === null ? null : toHex(tile) };
    }),
    bundles: Object.entries(BUNDLES).map(([id, entries]) => ({
      id,
      entries: entries.map(toHex),
      bundle: toHex(encodeEntryBundle(entries)),
    })),
    bundlesRefused: Object.entries(bundlesRefused()).map(([id, [bundle, width]]) => {
      const result = decodeEntryBundle(bundle, width);
      if (result.ok) throw new TypeError(`accepted: ${id}`);
      return { id, bundle: toHex(bundle), width, refusal: result.reason };
    }),
  };
}
