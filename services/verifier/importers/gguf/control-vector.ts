import { FORMULAS, type Positions, pointName } from '../../../../protocols/artifacts/index.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { widen } from '../../engine/widen.ts';
import { type Draft, heldTensor, type ImportRefusal, refTo } from '../draft.ts';
import { readGguf } from './gguf-file.ts';

export interface ControlVectorChoice {
  /** llama.cpp's --control-vector-scaled; repeng's coefficient. */
  readonly coefficient: number;
  readonly positions: Positions;
  /** Only directions of these, both included. */
  readonly layers: { readonly from: number; readonly to: number } | null;
}

const DIRECTION = /^direction\.([1-9]\d{0,3})$/;

/**
 * A control vector as llama.cpp and repeng have it: `direction.k` [d], k from 1, is added to the output of block k, counted
 * from 0. Source: llama.cpp common/common.cpp and src/llama-adapter.cpp; repeng 0.4 extract.py, which reads
 * hidden_states[k + 1].
 */
export function draftControlVector(
  bytes: Uint8Array,
  { coefficient, positions, layers }: ControlVectorChoice,
): Result<Draft, ImportRefusal> {
  const file = readGguf(bytes);
  if (!file.ok) return file;
  const { metadata, tensors } = file.value;
  const architecture = metadata.get('general.architecture');
  if (architecture !== 'controlvector')
    return refuse('gguf-not-control-vector', `general.architecture is ${architecture ?? 'not there'}`);
  const found = [];
  for (const [name, { dtype, shape, bytes: raw }] of tensors) {
    const layer = Number(DIRECTION.exec(name)?.[1]);
    if (Number.isNaN(layer) || shape.length !== 1)
      return refuse('gguf-direction-invalid', `${name} [${shape}] is no direction.k [d], k from 1`);
    if (layers === null || (layer >= layers.from && layer <= layers.to))
      found.push({ name, layer, shape, data: widen(raw, dtype) });
  }
  if (found.length === 0) return refuse('gguf-direction-invalid', 'no direction of these layers');
  found.sort((a, b) => a.layer - b.layer);
  return accept({
    edits: found.map(({ name, layer }) => ({
      kind: 'add',
      formula: FORMULAS.add,
      at: pointName(layer, 'hook_resid_post'),
      positions,
      coefficient,
      vector: { kind: 'stored', tensor: refTo(name) },
      norm: 'as-stored',
      restoreNorm: false,
    })),
    tensors: found.map(({ name, shape, data }) => heldTensor(name, shape, data)),
    method: `control vector from a GGUF file, model hint ${metadata.get('controlvector.model_hint') ?? 'none'}`,
    selection: `directions ${found.map(({ layer }) => layer).join(', ')} of ${tensors.size}`,
  });
}
