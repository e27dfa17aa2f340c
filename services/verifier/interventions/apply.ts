import type { Edit } from '../../../protocols/artifacts/index.ts';

/** Changes one position's residual, `h` [d_model], in place. Sums are float64, the result is rounded to float32 once. */
export type ApplyEdit = (h: Float32Array) => void;

/** The edit as a function of one position, by the formula the manifest states. */
export function compileEdit(edit: Edit): ApplyEdit {
  if (edit.kind === 'add') {
    const delta = Float64Array.from(edit.vector, (x) => edit.coefficient * x);
    return (h) => {
      for (let i = 0; i < h.length; i++) h[i] = (h[i] as number) + (delta[i] as number);
    };
  }
  const unit = unitVector(edit.vector);
  const target = dot(edit.mean, unit);
  return (h) => {
    const excess = dot(h, unit) - target; // (h - mean) . u
    for (let i = 0; i < h.length; i++) h[i] = (h[i] as number) - excess * (unit[i] as number);
  };
}

function unitVector(vector: Float32Array): Float64Array {
  const wide = Float64Array.from(vector);
  const length = Math.sqrt(dot(vector, wide));
  return wide.map((x) => x / length);
}

function dot(a: Float32Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
