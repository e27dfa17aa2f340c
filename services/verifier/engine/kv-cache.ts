/** Keys and values of one layer. Rows whose history below and in this layer is the same have one place between them. */
export interface LayerCache {
  readonly places: number;
  /** Place of each row. */
  readonly of: readonly number[];
  /** [places, kv_heads, length, head_dim] */
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

/** Keys and values of every layer for some rows. */
export interface KvCache {
  readonly rows: number;
  readonly length: number;
  readonly layers: readonly LayerCache[];
}

export function emptyCache(layers: number, rows: number): KvCache {
  const none = new Float32Array(0);
  const layer = { places: 1, of: new Array<number>(rows).fill(0), keys: none, values: none };
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
  const layers = first.cache.layers.map((_, layer) =>
    joinLayers(
      groups.map(({ cache, places }) => ({ layer: cache.layers[layer] as LayerCache, places })),
      rows,
    ),
  );
  return { rows, length: first.cache.length, layers };
}

function joinLayers(
  parts: readonly { readonly layer: LayerCache; readonly places: readonly number[] }[],
  rows: number,
): LayerCache {
  const of = new Array<number>(rows).fill(0);
  let before = 0;
  for (const { layer, places } of parts) {
    for (const [i, place] of places.entries()) of[place] = before + (layer.of[i] as number);
    before += layer.places;
  }
  return {
    places: before,
    of,
    keys: concatenated(parts.map(({ layer }) => layer.keys)),
    values: concatenated(parts.map(({ layer }) => layer.values)),
  };
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
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
