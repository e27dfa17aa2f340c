import { norm, type Operation } from '../../../protocols/artifacts/index.ts';
import { readFeature } from './autoencoder.ts';

/** An operation whose vectors are known: what depends on a prompt has been put in. */
export type BoundOperation =
  | Exclude<Operation, { kind: 'add-contrast' | 'replace-from-model' | 'displace' }>
  /** The activation is handed in with each position. */
  | { readonly kind: 'replace-with-given' }
  | { readonly kind: 'displace'; readonly of: BoundOperation; readonly direction: Float64Array };

/**
 * Changes one position's activation, `h` [d_model], in place. Sums are float64, the result is rounded to float32 once.
 * `ordinal` counts the selected positions of a row from 0; `given` is what another model has here, where one is asked.
 */
export type ApplyEdit = (h: Float32Array, ordinal: number, given: Float64Array | null) => void;

/** The operation as a function of one position, by the formula the manifest states. */
export function compileOperation(operation: BoundOperation): ApplyEdit {
  const next = nextActivation(operation);
  let moved = new Float64Array(0);
  return (h, ordinal, given) => {
    if (moved.length !== h.length) moved = new Float64Array(h.length);
    next(h, moved, ordinal, given);
    h.set(moved);
  };
}

/** Writes the changed activation, not yet rounded, to `out`. Loops, since this runs at every position of every layer. */
type Next = (h: Float32Array, out: Float64Array, ordinal: number, given: Float64Array | null) => void;

function nextActivation(operation: BoundOperation): Next {
  switch (operation.kind) {
    case 'add':
      return add(operation);
    case 'ablate':
      return project(operation.vector, null);
    case 'clamp':
      return project(operation.vector, operation.mean);
    case 'replace':
      return (_, out) => out.set(operation.value);
    case 'replace-with-given':
      return (_, out, __, given) => {
        if (given === null) throw new TypeError('a replacement without its activation');
        out.set(given);
      };
    case 'sae-add':
      return (h, out) => {
        const { undo } = readFeature(operation.feature, h);
        const step = operation.strength * (operation.undoNormalisation ? undo : 1);
        along(h, out, operation.feature.direction, step);
      };
    case 'sae-clamp':
      return (h, out) => {
        const { value, undo } = readFeature(operation.feature, h);
        const step = (operation.value - value) * (operation.undoNormalisation ? undo : 1);
        along(h, out, operation.feature.direction, step);
      };
    case 'displace':
      return displace(nextActivation(operation.of), operation.direction);
  }
}

function add({ coefficient, rows, restoreNorm }: Extract<Operation, { kind: 'add' }>): Next {
  const deltas = rows.map((row) => row.map((x) => coefficient * x));
  return (h, out, ordinal) => {
    const delta = deltas.length === 1 ? deltas[0] : deltas[ordinal];
    if (delta === undefined) throw new TypeError('more positions than vectors');
    along(h, out, delta, 1);
    if (restoreNorm) resize(out, norm(h));
  };
}

/** Brings a vector to a length; one without a direction stays as it is. */
function resize(vector: Float64Array, length: number): void {
  const now = norm(vector);
  if (now === 0) return;
  for (let i = 0; i < vector.length; i++) vector[i] = ((vector[i] as number) / now) * length;
}

/** Removes the component of h, or of h - mean, along the direction. */
function project(vector: Float64Array, mean: Float64Array | null): Next {
  const length = norm(vector);
  const u = vector.map((x) => x / length);
  const target = mean === null ? 0 : dot(mean, u);
  return (h, out) => along(h, out, u, target - dot(h, u));
}

function along(h: Float32Array, out: Float64Array, direction: Float64Array, step: number): void {
  for (let i = 0; i < out.length; i++) out[i] = (h[i] as number) + step * (direction[i] as number);
}

/** A step as long as the other's, along a direction of its own. */
function displace(other: Next, direction: Float64Array): Next {
  return (h, out, ordinal, given) => {
    other(h, out, ordinal, given);
    let squares = 0;
    for (let i = 0; i < out.length; i++) squares += ((out[i] as number) - (h[i] as number)) ** 2;
    along(h, out, direction, Math.sqrt(squares));
  };
}

function dot(a: Float32Array | Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
