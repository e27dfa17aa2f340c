import { z } from 'zod';
import { fileName, plainId } from './names.ts';

/** Items of one comparison: every pair of them is held in memory as float64, 8 MiB a model. */
export const COMPARED_LIMIT = 1_024;

const residualPoint = z.string().regex(/^blocks\.(0|[1-9][0-9]{0,3})\.hook_resid_(pre|post)$/);

/** One row an item and model, [items, width of that model]; row i stands for the same thing in both. */
const features = z.discriminatedUnion('kind', [
  /** Rows of the unembedding, by token id: those a file lists as JSON, or as many as `sample` drawn from the finding. */
  z.strictObject({
    kind: z.literal('unembedding'),
    tokens: z.union([
      z.strictObject({ file: fileName }),
      z.strictObject({ sample: z.int().min(40).max(COMPARED_LIMIT) }),
    ]),
  }),
  /** A residual stream of each model on the prompts of a set: at the last prompt token, or the mean over all. */
  z.strictObject({
    kind: z.literal('stream'),
    set: plainId,
    source: residualPoint,
    target: residualPoint,
    pool: z.enum(['last-prompt-token', 'mean']),
  }),
]);
export type Features = z.infer<typeof features>;

const id = plainId;

/** A statistic of two models' rows for the same items. spec 10-artifacts §8.4 */
export const comparisonSchema = z.discriminatedUnion('statistic', [
  z.strictObject({
    id,
    statistic: z.literal('cosine-correlation/1'),
    /** Whether each model's mean row is subtracted first. */
    params: z.strictObject({ centred: z.boolean() }),
    features,
  }),
  z.strictObject({
    id,
    statistic: z.literal('mutual-knn/1'),
    params: z.strictObject({ k: z.int().min(1).max(100) }),
    features,
  }),
  z.strictObject({ id, statistic: z.literal('cka/1'), params: z.strictObject({}), features }),
]);
export type Comparison = z.infer<typeof comparisonSchema>;
