import { FORMULAS, type PointName, type Positions } from '../../../../protocols/artifacts/index.ts';
import { accept, type Result } from '../../../../protocols/base/result.ts';
import { type Draft, heldTensor, type ImportRefusal, refTo } from '../draft.ts';
import { takeTensor } from './torch-file.ts';

export interface VectorChoice {
  /** Keys through dictionaries and lists; empty where the file is the tensor. */
  readonly path: readonly string[];
  /** First indices, such as position and layer of [positions, layers, d]. */
  readonly rows: readonly number[];
  readonly effect: VectorEffect;
}

export type VectorEffect =
  | {
      readonly kind: 'add';
      readonly at: PointName;
      readonly positions: Positions;
      readonly coefficient: number;
      readonly norm: 'as-stored' | 'unit';
    }
  | { readonly kind: 'ablate'; readonly at: PointName | 'everywhere'; readonly positions: Positions }
  | { readonly kind: 'orthogonalise'; readonly tiedUnembedding: 'unchanged' | 'changed' };

/** One vector of a file that `torch.save` wrote, with what is to be done with it. */
export function draftVector(
  bytes: Uint8Array,
  { path, rows, effect }: VectorChoice,
): Result<Draft, ImportRefusal> {
  const tensor = takeTensor(bytes, path, rows);
  if (!tensor.ok) return tensor;
  const place = [...path, ...(rows.length === 0 ? [] : [`[${rows}]`])].join(' ');
  return accept({
    edits: [editOf(effect)],
    tensors: [heldTensor('vector', tensor.value.shape, tensor.value.data)],
    method: 'tensor saved by PyTorch',
    ...(effect.kind === 'orthogonalise' || effect.at === 'everywhere' ? {} : { point: effect.at }),
    selection: place === '' ? 'the only tensor' : place,
  });
}

function editOf(effect: VectorEffect): Draft['edits'][number] {
  const vector = { kind: 'stored', tensor: refTo('vector') } as const;
  switch (effect.kind) {
    case 'add':
      return { ...effect, formula: FORMULAS.add, vector, restoreNorm: false };
    case 'ablate':
      return { ...effect, formula: FORMULAS.ablate, vector };
    case 'orthogonalise':
      return { ...effect, formula: FORMULAS.orthogonalise, weights: 'writers', vector };
  }
}
