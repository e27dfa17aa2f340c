import { z } from 'zod';
import { contentId } from '../names.ts';
import { FORMULAS } from './formulas.ts';
import type { Intervention } from './manifest.ts';
import { pointText } from './point-text.ts';
import { tensorRef } from './tensor-ref.ts';

/** The first version: one edit of a residual stream, through an affine map where there is one. */
const residualPoint = pointText.refine(
  (text) => /hook_resid_(?:pre|post)$/.test(text),
  'not a residual stream',
);

const add = z.strictObject({
  kind: z.literal('add'),
  formula: z.literal(FORMULAS.add),
  norm: z.literal('vector-as-stored'),
  coefficient: z.number().min(-1e6).max(1e6),
  vector: tensorRef,
});
const clamp = z.strictObject({
  kind: z.literal('clamp'),
  formula: z.literal(FORMULAS.clamp),
  norm: z.literal('unit-direction'),
  vector: tensorRef,
  mean: tensorRef,
});

export const interventionSchema1 = z.strictObject({
  format: z.literal('intervention/1'),
  base: contentId,
  site: residualPoint,
  operation: z.discriminatedUnion('kind', [add, clamp]),
  positions: z.enum(['last-prompt-token', 'generated', 'last-prompt-token-and-generated', 'all']),
  mapper: z
    .strictObject({
      kind: z.literal('affine'),
      source: contentId,
      weight: tensorRef,
      bias: tensorRef,
      apply: z.literal('map-vector-no-bias'),
    })
    .optional(),
  derivation: z.strictObject({
    method: z.string().min(1).max(2000),
    source: contentId,
    site: residualPoint,
    dataset: z.string().min(1).max(2000),
    selection: z.string().min(1).max(2000),
  }),
});
type Intervention1 = z.infer<typeof interventionSchema1>;

/** The same intervention in the newer words. */
export function fromVersion1(old: Intervention1): Intervention {
  const { base, site: at, operation, derivation } = old;
  const { site: point, ...derived } = derivation;
  const vector = { kind: 'stored', tensor: operation.vector } as const;
  const shared = { at, positions: { kind: old.positions }, vector, mapper: old.mapper };
  const edit =
    operation.kind === 'add'
      ? ({
          kind: 'add',
          formula: operation.formula,
          ...shared,
          coefficient: operation.coefficient,
          norm: 'as-stored',
          restoreNorm: false,
        } as const)
      : ({ kind: 'clamp', formula: operation.formula, ...shared, mean: operation.mean } as const);
  return { format: 'intervention/2', base, edits: [edit], reads: [], derivation: { ...derived, point } };
}
