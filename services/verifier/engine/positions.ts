import { type Rope, rotaryFrequencies } from '../../../protocols/artifacts/index.ts';

/** Lowest float32: a masked score, finite so that no row can become NaN. */
const MASKED = -3.4028234663852886e38;

/** Rotary angles of a model, computed in float64, whatever the scaling. */
export class RotaryTables {
  /** Pairs a head: half the rotated dimensions. */
  readonly pairs: number;
  readonly #frequencies: Float64Array;
  readonly #magnitude: number;

  constructor(rope: Rope) {
    this.#frequencies = rotaryFrequencies(rope);
    this.#magnitude = rope.scaling?.kind === 'longrope' ? rope.scaling.magnitude : 1;
    this.pairs = this.#frequencies.length;
  }

  /** cos and sin for positions start…start + time - 1, the same for each row, [rows, time, pairs]. */
  at(
    shape: { readonly rows: number; readonly time: number },
    start: number,
  ): { readonly cos: Float32Array; readonly sin: Float32Array } {
    const size = shape.time * this.pairs;
    const cos = new Float32Array(shape.rows * size);
    const sin = new Float32Array(shape.rows * size);
    for (let t = 0; t < shape.time; t++)
      for (const [i, frequency] of this.#frequencies.entries()) {
        const angle = (start + t) * frequency;
        cos[t * this.pairs + i] = this.#magnitude * Math.cos(angle);
        sin[t * this.pairs + i] = this.#magnitude * Math.sin(angle);
      }
    for (let row = 1; row < shape.rows; row++) {
      cos.copyWithin(row * size, 0, size);
      sin.copyWithin(row * size, 0, size);
    }
    return { cos, sin };
  }
}

/** What came before a step and where it is kept. */
export interface Past {
  /** Positions. */
  readonly length: number;
  /** Positions there is room for; those beyond `length` hold nothing. */
  readonly room: number;
}

/**
 * Additive causal mask [time, room + time]: a position sees itself and those before it, `window` positions in all.
 * Columns are the room for earlier positions, then the new ones.
 */
export function causalMask(time: number, { length, room }: Past, window: number | null): Float32Array {
  const total = room + time;
  const mask = new Float32Array(time * total);
  for (let t = 0; t < time; t++) {
    const row = t * total;
    const seen = window === null ? 0 : Math.max(0, length + t + 1 - window); // first position in sight
    mask.fill(MASKED, row, row + Math.min(seen, length));
    mask.fill(MASKED, row + length, row + room + Math.max(0, seen - length));
    mask.fill(MASKED, row + room + t + 1, row + total);
  }
  return mask;
}
