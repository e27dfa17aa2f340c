import { z } from 'zod';
import { contentId } from '../names.ts';
import { autoencoderSchema, stepScale } from './autoencoders.ts';
import { FORMULAS } from './formulas.ts';
import { mapperSchema } from './mappers.ts';
import { pointText } from './point-text.ts';
import { positionsSchema } from './positions.ts';
import { tensorRef } from './tensor-ref.ts';
import { fixedVectorSchema, vectorSchema } from './vectors.ts';

const number = z.number().min(-1e6).max(1e6);
const at = pointText;
const positions = positionsSchema;
const mapper = mapperSchema.optional();
const feature = z
  .int()
  .min(0)
  .max(2 ** 24);
/** True where the activation is brought back to the length it had before the edit. */
const restoreNorm = z.boolean();

const add = z.strictObject({
  kind: z.literal('add'),
  formula: z.literal(FORMULAS.add),
  at,
  positions,
  coefficient: number,
  vector: vectorSchema,
  /** `unit`: the vector, after any map, is brought to length 1 before the coefficient. */
  norm: z.enum(['as-stored', 'unit']),
  restoreNorm,
  mapper,
});

const ablate = z.strictObject({
  kind: z.literal('ablate'),
  formula: z.literal(FORMULAS.ablate),
  /** `everywhere`: the input of every block and every module's output. */
  at: at.or(z.literal('everywhere')),
  positions,
  vector: fixedVectorSchema,
  mapper,
});

const clamp = z.strictObject({
  kind: z.literal('clamp'),
  formula: z.literal(FORMULAS.clamp),
  at,
  positions,
  vector: fixedVectorSchema,
  mean: tensorRef,
  mapper,
});

const replace = z.strictObject({
  kind: z.literal('replace'),
  formula: z.literal(FORMULAS.replace),
  at,
  positions,
  value: z.discriminatedUnion('kind', [
    /** [d], such as a mean activation. */
    z.strictObject({ kind: z.literal('stored'), tensor: tensorRef }),
    /** What another model, over the same tokens, has at this point. */
    z.strictObject({ kind: z.literal('model'), source: contentId, point: pointText }),
  ]),
  mapper,
});

const saeAdd = z.strictObject({
  kind: z.literal('sae-add'),
  formula: z.literal(FORMULAS.saeAdd),
  at,
  positions,
  autoencoder: autoencoderSchema,
  feature,
  strength: number,
  scale: stepScale,
});

const saeClamp = z.strictObject({
  kind: z.literal('sae-clamp'),
  formula: z.literal(FORMULAS.saeClamp),
  at,
  positions,
  autoencoder: autoencoderSchema,
  feature,
  value: number,
  scale: stepScale,
});

const weightName = z.string().min(1).max(256);
const rank = z.int().min(1).max(1024);
const positive = z.number().positive().max(1e6);

const lora = z.strictObject({
  kind: z.literal('lora'),
  formula: z.literal(FORMULAS.lora),
  /** `alpha/sqrt(rank)` is rsLoRA. */
  scale: z.enum(['alpha/rank', 'alpha/sqrt(rank)']),
  modules: z
    .array(z.strictObject({ weight: weightName, a: tensorRef, b: tensorRef, rank, alpha: positive }))
    .min(1)
    .max(8192),
});

const rankOne = z.strictObject({
  kind: z.literal('rank-one'),
  formula: z.literal(FORMULAS.rankOne),
  weight: weightName,
  left: tensorRef,
  right: tensorRef,
  coefficient: number,
});

const orthogonalise = z.strictObject({
  kind: z.literal('orthogonalise'),
  formula: z.literal(FORMULAS.orthogonalise),
  /** `writers`: the embedding and every weight whose output is added to the stream; biases stay. */
  weights: z.literal('writers').or(z.array(weightName).min(1).max(8192)),
  /** Where the embedding is also the unembedding: whether that changes with it. */
  tiedUnembedding: z.enum(['unchanged', 'changed']),
  vector: fixedVectorSchema,
  mapper,
});

const activationEditSchema = z.discriminatedUnion('kind', [add, ablate, clamp, replace, saeAdd, saeClamp]);
export type ActivationEditManifest = z.infer<typeof activationEditSchema>;
const weightEditSchema = z.discriminatedUnion('kind', [lora, rankOne, orthogonalise]);
export type WeightEditManifest = z.infer<typeof weightEditSchema>;

export const editSchema = z.discriminatedUnion('kind', [activationEditSchema, weightEditSchema]);
export type EditManifest = z.infer<typeof editSchema>;
