import { accept, type Result, refuse } from '../../base/result.ts';
import type { Direction, Values } from './resolved.ts';
import type { TensorRef } from './tensor-ref.ts';

export type TensorRefusal = 'tensor-missing' | 'width-mismatch' | 'not-finite';

/** Finds a manifest's tensors and checks their shapes; a null extent may be anything. */
export class Tensors {
  readonly #valuesOf: (ref: TensorRef) => Values | undefined;

  constructor(valuesOf: (ref: TensorRef) => Values | undefined) {
    this.#valuesOf = valuesOf;
  }

  shapeOf(ref: TensorRef): readonly number[] | undefined {
    return this.#valuesOf(ref)?.shape;
  }

  load(ref: TensorRef, shape: readonly (number | null)[]): Result<Values, TensorRefusal> {
    const tensor = this.#valuesOf(ref);
    const name = `${ref.file}: ${ref.tensor}`;
    if (tensor === undefined) return refuse('tensor-missing', name);
    const fits =
      tensor.shape.length === shape.length &&
      tensor.shape.every((extent, i) => extent > 0 && (shape[i] === null || shape[i] === extent));
    if (!fits)
      return refuse(
        'width-mismatch',
        `${name} is [${tensor.shape}], needed is [${shape.map((n) => n ?? 'any')}]`,
      );
    if (!tensor.data.every(Number.isFinite)) return refuse('not-finite', name);
    return accept(tensor);
  }

  vector(ref: TensorRef, width: number): Result<Direction, TensorRefusal> {
    const tensor = this.load(ref, [width]);
    return tensor.ok ? accept(Float64Array.from(tensor.value.data)) : tensor;
  }

  /** The rows of [n, width]; a vector [width] is one row. */
  rows(ref: TensorRef, width: number): Result<readonly Direction[], TensorRefusal> {
    const tensor = this.load(ref, this.shapeOf(ref)?.length === 2 ? [null, width] : [width]);
    if (!tensor.ok) return tensor;
    const { data } = tensor.value;
    return accept(Array.from({ length: data.length / width }, (_, row) => rowOf(data, width, row)));
  }
}

/** Column `column` of a matrix [rows, columns]. */
export function columnOf(data: Float32Array, columns: number, column: number): Direction {
  return Float64Array.from(
    { length: data.length / columns },
    (_, row) => data[row * columns + column] as number,
  );
}

export function rowOf(data: Float32Array, columns: number, row: number): Direction {
  return Float64Array.from(data.subarray(row * columns, (row + 1) * columns));
}
