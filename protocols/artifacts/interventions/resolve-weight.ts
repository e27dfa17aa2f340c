import { accept, type Result, refuse } from '../../base/result.ts';
import type { WeightEditManifest } from './edits.ts';
import { resolveVector, type VectorRefusal } from './resolve-vector.ts';
import type { LinearShape, Target, WeightEdit } from './resolved.ts';
import type { Tensors } from './tensors.ts';
import { norm } from './vector-arithmetic.ts';

export type WeightRefusal = VectorRefusal | 'weight-unknown' | 'direction-zero';

/** The changes of weights one entry of the manifest stands for. */
export function resolveWeightEdit(
  edit: WeightEditManifest,
  index: number,
  tensors: Tensors,
  target: Target,
): Result<readonly WeightEdit[], WeightRefusal> {
  if (edit.kind === 'lora') return resolveLora(edit, tensors, target);
  if (edit.kind === 'rank-one') {
    const linear = findLinear(edit.weight, target);
    if (!linear.ok) return linear;
    const right = tensors.vector(edit.right, linear.value.inputs);
    if (!right.ok) return right;
    const left = tensors.vector(edit.left, linear.value.outputs);
    if (!left.ok) return left;
    const b = left.value.map((x) => edit.coefficient * x);
    return accept([{ kind: 'low-rank', weight: edit.weight, rank: 1, a: right.value, b }]);
  }
  return resolveOrthogonalise(edit, index, tensors, target);
}

function resolveLora(
  edit: Extract<WeightEditManifest, { kind: 'lora' }>,
  tensors: Tensors,
  target: Target,
): Result<readonly WeightEdit[], WeightRefusal> {
  const out: WeightEdit[] = [];
  for (const { weight, a: aRef, b: bRef, rank, alpha } of edit.modules) {
    const linear = findLinear(weight, target);
    if (!linear.ok) return linear;
    const a = tensors.load(aRef, [rank, linear.value.inputs]);
    if (!a.ok) return a;
    const b = tensors.load(bRef, [linear.value.outputs, rank]);
    if (!b.ok) return b;
    const scale = alpha / (edit.scale === 'alpha/rank' ? rank : Math.sqrt(rank));
    out.push({
      kind: 'low-rank',
      weight,
      rank,
      a: Float64Array.from(a.value.data),
      b: Float64Array.from(b.value.data, (x) => scale * x),
    });
  }
  return accept(out);
}

function resolveOrthogonalise(
  edit: Extract<WeightEditManifest, { kind: 'orthogonalise' }>,
  index: number,
  tensors: Tensors,
  target: Target,
): Result<readonly WeightEdit[], WeightRefusal> {
  const vector = resolveVector(edit, index, tensors, target);
  if (!vector.ok) return vector;
  if (norm(vector.value) === 0) return refuse('direction-zero', `edit ${index} needs a direction`);
  const named = edit.weights === 'writers' ? writersOf(target) : edit.weights;
  for (const weight of named) {
    const linear = findLinear(weight, target);
    if (!linear.ok) return linear;
    if (!linear.value.writes) return refuse('weight-unknown', `${weight} does not write the residual stream`);
  }
  const { tiedUnembedding } = edit;
  const embedding = edit.weights === 'writers';
  return accept([
    { kind: 'orthogonalise', weights: named, embedding, tiedUnembedding, vector: vector.value },
  ]);
}

function writersOf(target: Target): readonly string[] {
  return [...target.linears].filter(([, { writes }]) => writes).map(([name]) => name);
}

function findLinear(weight: string, target: Target): Result<LinearShape, 'weight-unknown'> {
  const linear = target.linears.get(weight);
  return linear === undefined
    ? refuse('weight-unknown', `${weight} is no linear layer of the model`)
    : accept(linear);
}
