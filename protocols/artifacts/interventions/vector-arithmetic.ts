import type { Direction } from './resolved.ts';

/** Euclidean length, summed in float64. */
export function norm(vector: Float32Array | Float64Array): number {
  let sum = 0;
  for (const x of vector) sum += x * x;
  return Math.sqrt(sum);
}

export function subtract(a: Direction, b: Direction): Direction {
  return a.map((x, i) => x - (b[i] as number));
}

/** The mean of some vectors, at least one. */
export function meanOf(rows: readonly Direction[]): Direction {
  const [first] = rows;
  if (first === undefined) throw new TypeError('a mean of nothing');
  return first.map((_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0) / rows.length);
}

/** The vector at length 1. The zero vector has no direction: null. */
export function unit(vector: Direction): Direction | null {
  const length = norm(vector);
  return length === 0 ? null : vector.map((x) => x / length);
}

/** Whether every number survives being rounded to float32. */
export function fitsFloat32(vector: Direction): boolean {
  return vector.every((x) => Number.isFinite(Math.fround(x)));
}
