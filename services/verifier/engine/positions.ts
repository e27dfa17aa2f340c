/** Lowest float32: a masked score, finite so that no row can become NaN. */
const MASKED = -3.4028234663852886e38;

/**
 * cos and sin of the rotary angles for positions start…start+time-1, [rows, time, headDim / 2], computed in float64.
 * Su et al. 2021 (RoFormer), eq. 15.
 */
export function rotaryTables(
  shape: { readonly rows: number; readonly time: number; readonly headDim: number },
  start: number,
  theta: number,
): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const half = shape.headDim / 2;
  const size = shape.time * half;
  const cos = new Float32Array(shape.rows * size);
  const sin = new Float32Array(shape.rows * size);
  for (let t = 0; t < shape.time; t++)
    for (let i = 0; i < half; i++) {
      const angle = (start + t) * theta ** (-i / half);
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
