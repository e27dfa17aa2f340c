import { accept, type Result } from '../../base/result.ts';
import type { Intervention } from './manifest.ts';
import { type EditRefusal, resolveEdit } from './resolve-edit.ts';
import { type ReadRefusal, resolveRead } from './resolve-read.ts';
import { resolveWeightEdit, type WeightRefusal } from './resolve-weight.ts';
import type { ActivationEdit, Read, ResolvedIntervention, Target, Values, WeightEdit } from './resolved.ts';
import type { TensorRef } from './tensor-ref.ts';
import { Tensors } from './tensors.ts';

export type InterventionRefusal = EditRefusal | WeightRefusal | ReadRefusal;

/**
 * Puts the tensors a manifest names into its edits and reads, through their maps, each shape checked against the model.
 * spec 10-artifacts §7.
 */
export function resolveIntervention(
  manifest: Intervention,
  tensorOf: (ref: TensorRef) => Values | undefined,
  target: Target,
): Result<ResolvedIntervention, InterventionRefusal> {
  const tensors = new Tensors(tensorOf);
  const edits: ActivationEdit[] = [];
  const weights: WeightEdit[] = [];
  for (const [index, edit] of manifest.edits.entries()) {
    if ('at' in edit) {
      const resolved = resolveEdit(edit, index, tensors, target);
      if (!resolved.ok) return resolved;
      edits.push(...resolved.value);
    } else {
      const resolved = resolveWeightEdit(edit, index, tensors, target);
      if (!resolved.ok) return resolved;
      weights.push(...resolved.value);
    }
  }
  const reads: Read[] = [];
  for (const read of manifest.reads) {
    const resolved = resolveRead(read, tensors, target);
    if (!resolved.ok) return resolved;
    reads.push(resolved.value);
  }
  return accept({ edits, weights, reads });
}
