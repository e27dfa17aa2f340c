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
