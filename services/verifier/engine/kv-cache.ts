/** Keys and values of every layer for some rows; `keys[layer]` is [rows, kv_heads, length, head_dim]. */
export interface KvCache {
  readonly rows: number;
  readonly length: number;
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

export function emptyCache(layers: number, rows: number): KvCache {
  const none = Array.from({ length: layers }, () => new Float32Array(0));
  return { rows, length: 0, keys: none, values: none };
}

/** The cache of `picked` rows, in that order; a row may be picked several times or not at all. */
export function pickRows(cache: KvCache, picked: readonly number[]): KvCache {
  if (picked.length === cache.rows && picked.every((row, i) => row === i)) return cache;
  const pick = (all: Float32Array) => {
    const stride = all.length / cache.rows;
    const out = new Float32Array(stride * picked.length);
    for (const [i, row] of picked.entries())
      out.set(all.subarray(row * stride, (row + 1) * stride), i * stride);
    return out;
  };
  return {
    rows: picked.length,
    length: cache.length,
    keys: cache.keys.map(pick),
    values: cache.values.map(pick),
  };
}

/** Some rows of a batch, by their place in it. */
export interface RowGroup {
  readonly cache: KvCache;
  readonly places: readonly number[];
}

/** One cache from groups of rows that went the same number of steps, each row back in its place. */
export function joinRows(groups: readonly RowGroup[]): KvCache {
  const [first] = groups;
  if (first === undefined || groups.some(({ cache }) => cache.length !== first.cache.length))
    throw new TypeError('rows of one batch have one length');
  const rows = groups.reduce((sum, { places }) => sum + places.length, 0);
  const join = (which: 'keys' | 'values') =>
    first.cache[which].map((_, layer) =>
      joinData(
        groups.map(({ cache, places }) => ({ data: cache[which][layer] as Float32Array, places })),
        rows,
      ),
    );
  return { rows, length: first.cache.length, keys: join('keys'), values: join('values') };
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
