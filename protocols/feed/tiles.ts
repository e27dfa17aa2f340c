import { MESSAGE_LIMIT_BYTES } from '../base/limits.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { HASH_BYTES } from './hash.ts';
import type { MerkleTree } from './tree.ts';

/** Hashes in a full tile, entries in a full bundle: a tile is a complete subtree of eight levels. spec 12-feeds §4.1 */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const LEVELS_LIMIT = 63;
/** Of what a path can be: the index of 2^53 in groups of three digits. */
const PATH_LIMIT_CHARS = 64;
const LENGTH_BYTES = 2;

/** One tile or entry bundle of a feed. */
export interface TileName {
  /** 0 over the leaves; each level above stands over 256 times as many. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; less than 256 in a partial tile. */
  readonly width: number;
}

/** `tile/0/x001/x234/067.p/8`, to stand after a log's prefix. spec 12-feeds §4.2 @throws TypeError on what is no tile */
export function formatTilePath({ level, index, width }: TileName): string {
  if ((level !== 'entries' && !isUpTo(level, LEVELS_LIMIT)) || !isUpTo(index, Number.MAX_SAFE_INTEGER))
    throw new TypeError('no such level or index of a tile');
  if (!isUpTo(width, TILE_WIDTH) || width === 0) throw new TypeError(`${width} is no width of a tile`);
  const digits = `${index}`.padStart(Math.ceil(`${index}`.length / 3) * 3, '0');
  const groups = digits.match(/.../g) as string[];
  const last = groups.length - 1;
  const path = groups.map((group, i) => (i === last ? group : `x${group}`)).join('/');
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** One tile has one path. spec 12-feeds §4.2 */
export function parseTilePath(path: string): Result<TileName, 'tile-path-invalid'> {
  const match =
    path.length > PATH_LIMIT_CHARS
      ? null
      : /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  const [, level = '', groups = '', width] = match ?? [];
  const name: TileName = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  if (match === null || name.width === 0 || name.width > TILE_WIDTH || !Number.isSafeInteger(name.index))
    return refuse('tile-path-invalid', 'not the path of a tile');
  if (level !== 'entries' && Number(level) > LEVELS_LIMIT)
    return refuse('tile-path-invalid', `no level ${level}`);
  return formatTilePath(name) === path ? accept(name) : refuse('tile-path-invalid', 'another spelling');
}

/** Hashes that this tile has in a tree of `size` leaves, entries that this bundle has; 0 where it is not there. spec 12-feeds §4.3 */
export function tileWidth(size: number, { level, index }: Pick<TileName, 'level' | 'index'>): number {
  const hashes = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
  return Math.min(Math.max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH);
}

/** The hashes of a tile, one after another; null where the tree does not have them all. spec 12-feeds §4.1 */
export function tileBytes(
  tree: MerkleTree,
  { level, index, width }: TileName & { readonly level: number },
): Uint8Array | null {
  if (width > tileWidth(tree.size, { level, index })) return null;
  const bytes = new Uint8Array(width * HASH_BYTES);
  for (let i = 0; i < width; i++)
    bytes.set(tree.subtree(level * TILE_HEIGHT, index * TILE_WIDTH + i), i * HASH_BYTES);
  return bytes;
}

/** Entries, each after its length. spec 12-feeds §4.4 @throws TypeError when they are not one to 256 entries of a feed */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > TILE_WIDTH || entries.some(isTooLarge))
    throw new TypeError('not one to 256 entries, each within the limit of a message');
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    view.setUint16(at, entry.length);
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
}

/** The `width` entries of a bundle, as views on it. spec 12-feeds §4.4 */
export function decodeEntryBundle(bytes: Uint8Array, width: number): Result<Uint8Array[], 'bundle-invalid'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    const start = at + LENGTH_BYTES;
    if (start > bytes.length) return refuse('bundle-invalid', `${entries.length} of ${width} entries`);
    at = start + view.getUint16(at);
    if (at > bytes.length) return refuse('bundle-invalid', 'an entry runs past the end');
    entries.push(bytes.subarray(start, at));
  }
  return at === bytes.length ? accept(entries) : refuse('bundle-invalid', 'bytes after the last entry');
}

function isUpTo(value: number, limit: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= limit;
}

function isTooLarge(entry: Uint8Array): boolean {
  return entry.length > MESSAGE_LIMIT_BYTES;
}
