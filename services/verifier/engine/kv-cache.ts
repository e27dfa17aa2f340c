import { PlaceStore } from './place-store.ts';

/** Keys and values of one layer. Rows whose history below and in this layer is the same have one place between them. */
export interface LayerCache {
  /** Place of each row. */
  readonly of: readonly number[];
  /** Null before the first position. */
  readonly store: PlaceStore | null;
}

/** Keys and values of every layer for some rows. */
export interface KvCache {
  readonly rows: number;
  readonly length: number;
  readonly layers: readonly LayerCache[];
}

export function emptyCache(layers: number, rows: number): KvCache {
  const layer = { of: new Array<number>(rows).fill(0), store: null };
  return { rows, length: 0, layers: Array.from({ length: layers }, () => layer) };
}

/** The cache of `picked` rows, in that order; a row may be picked several times or not at all. Nothing is copied. */
export function pickRows(cache: KvCache, picked: readonly number[]): KvCache {
  if (picked.length === cache.rows && picked.every((row, i) => row === i)) return cache;
  const known = new Map<readonly number[], readonly number[]>();
  const pick = (of: readonly number[]): readonly number[] => {
    const own = known.get(of) ?? picked.map((row) => of[row] as number);
    known.set(of, own);
    return own;
  };
  const layers = cache.layers.map((layer) => ({ ...layer, of: pick(layer.of) }));
  return { rows: picked.length, length: cache.length, layers };
}

/** Some rows of a batch, by where they stand in it. */
export interface RowGroup {
  readonly cache: KvCache;
  readonly places: readonly number[];
}

/** One cache from groups of rows that went the same number of steps, each row back where it stood. */
export function joinRows(groups: readonly RowGroup[]): KvCache {
  const [first] = groups;
  if (first === undefined || groups.some(({ cache }) => cache.length !== first.cache.length))
    throw new TypeError('rows of one batch have one length');
  const rows = groups.reduce((sum, { places }) => sum + places.length, 0);
  const { length } = first.cache;
  const layers = first.cache.layers.map((_, layer) =>
    joinLayers(
      groups.map(({ cache, places }) => ({ layer: cache.layers[layer] as LayerCache, places })),
      { rows, length },
    ),
  );
  return { rows, length, layers };
}

function joinLayers(
  parts: readonly { readonly layer: LayerCache; readonly places: readonly number[] }[],
  { rows, length }: { readonly rows: number; readonly length: number },
): LayerCache {
  const of = new Array<number>(rows).fill(0);
  const stores: PlaceStore[] = [];
  let before = 0;
  for (const { layer, places } of parts) {
    if (layer.store === null) continue;
    for (const [i, place] of places.entries()) of[place] = before + (layer.of[i] as number);
    before += layer.store.places;
    stores.push(layer.store);
  }
  return { of, store: stores.length === 0 ? null : PlaceStore.join(stores, length) };
}

/** Rows of equal size from several arrays, each in its place. */
export function joinData(
  parts: readonly { readonly data: Float32Array; readonly places: readonly number[] }[],
  rows: number,
): Float32Array {
  const size = parts.reduce((sum, { data }) => sum + data.length, 0) / rows;
  const out = new Float32Array(rows * size);
  for (const { data, places } of parts)
    for (const [i, place] of places.entries()) out.set(data.subarray(i * size, (i + 1) * size), place * size);
  return out;
}
