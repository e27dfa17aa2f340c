import { z } from 'zod';
import { contentId, plainId } from '../names.ts';
import { autoencoderSchema } from './autoencoders.ts';
import { FORMULAS } from './formulas.ts';
import { pointText } from './point-text.ts';
import { positionsSchema } from './positions.ts';
import { tensorRef } from './tensor-ref.ts';

/** How the numbers at several positions become one. */
const pool = z.enum(['last', 'mean', 'max']);
const feature = z
  .int()
  .min(0)
  .max(2 ** 24);

const probe = z.strictObject({
  kind: z.literal('probe'),
  id: plainId,
  formula: z.literal(FORMULAS.probe),
  at: pointText,
  positions: positionsSchema,
  pool,
  /** [d]. */
  weight: tensorRef,
  bias: z.number().min(-1e6).max(1e6),
});

const saeFeature = z.strictObject({
  kind: z.literal('sae-feature'),
  id: plainId,
  formula: z.literal(FORMULAS.saeFeature),
  at: pointText,
  positions: positionsSchema,
  pool,
  autoencoder: autoencoderSchema,
  feature,
});

/** Both models read the same tokens. `scale` brings a model's activations to the length the crosscoder was trained at. */
const crosscoderFeature = z.strictObject({
  kind: z.literal('crosscoder-feature'),
  id: plainId,
  formula: z.literal(FORMULAS.crosscoderFeature),
  positions: positionsSchema,
  pool,
  models: z
    .array(
      z.strictObject({
        model: z.literal('base').or(contentId),
        at: pointText,
        scale: z.number().positive().max(1e6),
      }),
    )
    .min(1)
    .max(8),
  /** [models, d, features]. */
  encoder: tensorRef,
  /** [features]. */
  bias: tensorRef,
  feature,
});

export const readSchema = z.discriminatedUnion('kind', [probe, saeFeature, crosscoderFeature]);
export type ReadManifest = z.infer<typeof readSchema>;
