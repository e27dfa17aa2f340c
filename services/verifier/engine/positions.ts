/** Lowest float32: a masked score, finite so that no row can become NaN. */
const MASKED = -3.4028234663852886e38;

/**
 * cos and sin of the rotary angles for positions start…start+time-1, [rows, time, head_dim / 2], computed in float64.
 * `frequencies` [head_dim / 2] are radians a position.
 */
export function rotaryTables(
  shape: { readonly rows: number; readonly time: number },
  start: number,
  frequencies: Float64Array,
): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const half = frequencies.length;
  const size = shape.time * half;
  const cos = new Float32Array(shape.rows * size);
  const sin = new Float32Array(shape.rows * size);
  for (let t = 0; t < shape.time; t++)
    for (const [i, frequency] of frequencies.entries()) {
      const angle = (start + t) * frequency;
      cos[t * half + i] = Math.cos(angle);
      sin[t * half + i] = Math.sin(angle);
    }
  for (let row = 1; row < shape.rows; row++) {
    cos.copyWithin(row * size, 0, size);
    sin.copyWithin(row * size, 0, size);
  }
  return { cos, sin };
}

/** Additive causal mask [time, past + time]: position t sees the past and itself. */
export function causalMask(time: number, past: number): Float32Array {
  const total = past + time;
  const mask = new Float32Array(time * total);
  for (let t = 0; t < time; t++) mask.fill(MASKED, t * total + past + t + 1, (t + 1) * total);
  return mask;
}
