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
  return (h, ordinal, given) => h.set(next(h, ordinal, given));
}

/** The changed activation, not yet rounded. */
type Next = (h: Float32Array, ordinal: number, given: Float64Array | null) => Float64Array;

function nextActivation(operation: BoundOperation): Next {
  switch (operation.kind) {
    case 'add':
      return add(operation);
    case 'ablate':
      return project(operation.vector, null);
    case 'clamp':
      return project(operation.vector, operation.mean);
    case 'replace':
      return () => operation.value;
    case 'replace-with-given':
      return (_, __, given) => {
        if (given === null) throw new TypeError('a replacement without its activation');
        return given;
      };
    case 'sae-add':
      return (h) => {
        const { undo } = readFeature(operation.feature, h);
        return along(
          h,
          operation.feature.direction,
          operation.strength * (operation.undoNormalisation ? undo : 1),
        );
      };
    case 'sae-clamp':
      return (h) => {
        const { value, undo } = readFeature(operation.feature, h);
        const step = (operation.value - value) * (operation.undoNormalisation ? undo : 1);
        return along(h, operation.feature.direction, step);
      };
    case 'displace':
      return displace(nextActivation(operation.of), operation.direction);
  }
}

function add({ coefficient, rows, restoreNorm }: Extract<Operation, { kind: 'add' }>): Next {
  const deltas = rows.map((row) => row.map((x) => coefficient * x));
  return (h, ordinal) => {
    const delta = deltas.length === 1 ? deltas[0] : deltas[ordinal];
    if (delta === undefined) throw new TypeError('more positions than vectors');
    const moved = Float64Array.from(h, (x, i) => x + (delta[i] as number));
    return restoreNorm ? withNorm(moved, norm(h)) : moved;
  };
}

function withNorm(vector: Float64Array, length: number): Float64Array {
  const now = norm(vector);
  return now === 0 ? vector : vector.map((x) => (x / now) * length);
}

/** Removes the component of h, or of h - mean, along the direction. */
function project(vector: Float64Array, mean: Float64Array | null): Next {
  const length = norm(vector);
  const u = vector.map((x) => x / length);
  const target = mean === null ? 0 : dot(mean, u);
  return (h) => along(h, u, target - dot(h, u));
}

function along(h: Float32Array, direction: Float64Array, step: number): Float64Array {
  return Float64Array.from(h, (x, i) => x + step * (direction[i] as number));
}

/** A step as long as the other's, along a direction of its own. */
function displace(other: Next, direction: Float64Array): Next {
  return (h, ordinal, given) => {
    const moved = other(h, ordinal, given);
    return along(h, direction, norm(moved.map((x, i) => x - (h[i] as number))));
  };
}

function dot(a: Float32Array | Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
