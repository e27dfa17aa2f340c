import { accept, type Result, refuse } from '../../base/result.ts';
import type { Mapper } from './mappers.ts';
import { loadMap } from './maps.ts';
import type { Direction, Target, VectorMap, VectorParts } from './resolved.ts';
import type { TensorRefusal, Tensors } from './tensors.ts';
import { fitsFloat32, meanOf, subtract } from './vector-arithmetic.ts';
import type { FixedVector } from './vectors.ts';

export type VectorRefusal = TensorRefusal | 'source-missing';

/** The map onto the target, or null where there is none to apply to activations. */
export function mapOf(
  mapper: Mapper | undefined,
  tensors: Tensors,
  width: number,
): Result<VectorMap | null, TensorRefusal> {
  if (mapper === undefined || mapper.kind === 'unembedding-least-squares') return accept(null);
  return loadMap(mapper, tensors, width);
}

/** The vector of an edit in the target's space, [d_model]. `index` is the edit's place in the manifest. */
export function resolveVector(
  edit: { readonly vector: FixedVector; readonly mapper?: Mapper | undefined },
  index: number,
  tensors: Tensors,
  target: Target,
): Result<Direction, VectorRefusal> {
  if (edit.mapper?.kind === 'unembedding-least-squares') {
    const carried = target.transferred.get(index);
    if (carried === undefined) return refuse('source-missing', `edit ${index}: ${edit.mapper.source}`);
    return accept(carried);
  }
  const map = mapOf(edit.mapper, tensors, target.width);
  if (!map.ok) return map;
  const parts = loadParts(edit.vector, tensors, map.value?.sourceWidth ?? target.width);
  if (!parts.ok) return parts;
  const { vector, pair } = parts.value;
  const mapped = map.value === null ? vector : map.value.mapVector(vector, pair);
  return fitsFloat32(mapped) ? accept(mapped) : refuse('not-finite', 'the vector');
}

/** A vector as the manifest has it, in the space it was derived in. */
export function loadParts(
  vector: FixedVector,
  tensors: Tensors,
  width: number,
): Result<{ vector: Direction; pair: VectorParts | null }, TensorRefusal> {
  if (vector.kind === 'stored') {
    const stored = tensors.vector(vector.tensor, width);
    return stored.ok ? accept({ vector: stored.value, pair: null }) : stored;
  }
  const plus = tensors.rows(vector.plus, width);
  if (!plus.ok) return plus;
  const minus = tensors.rows(vector.minus, width);
  if (!minus.ok) return minus;
  return accept({
    vector: subtract(meanOf(plus.value), meanOf(minus.value)),
    pair: [plus.value, minus.value],
  });
}
