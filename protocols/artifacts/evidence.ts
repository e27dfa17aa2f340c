import { z } from 'zod';
import { COMPARED_LIMIT } from './comparisons.ts';
import { plainId, sha256Hex } from './names.ts';

/** What a measurement was made on. Two runs can be compared bit for bit only where all of this agrees. */
export const environmentSchema = z.strictObject({
  engine: z.literal('analog-oversight/onnx'),
  engineVersion: z.string().max(64),
  /** Version of each runtime under the engine, for example `onnxruntime-node`, `node`. */
  runtimes: z.record(z.string().max(64), z.string().max(64)),
  provider: z.enum(['cpu', 'webgpu', 'cuda']),
  /** Type of the stored weights; all arithmetic is float32. */
  weights: z.enum(['F32', 'F16', 'BF16', 'mixed']),
  dtype: z.literal('float32'),
  threads: z.int().min(1),
  prepacking: z.boolean(),
  cpu: z.string().max(200),
  architecture: z.string().max(32),
  platform: z.string().max(32),
});
export type Environment = z.infer<typeof environmentSchema>;

/** `1` success, `0` failure, `unscored` where the grader could not decide. */
export const outcomeSchema = z.union([z.literal(0), z.literal(1), z.literal('unscored')]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** What the model wrote, and the outcome of that. */
const generatedResult = z.strictObject({
  id: z.string().max(128),
  outcome: outcomeSchema,
  text: z.string(),
  /** Natural log of the first generated token's probability. */
  firstLogProb: z.number().max(0),
  /** First minus second logit at the first generated token; small means a near-tie another machine may break otherwise. */
  margin: z.number().min(0),
});

/** What the model would have written, as a number. */
const scoredResult = z.strictObject({
  id: z.string().max(128),
  outcome: outcomeSchema,
  /** In the measure's unit (nats, or the probe's own); null exactly where the outcome is `unscored`. */
  score: z.number().nullable(),
  /** Tokens that the score is a mean over: its weight where prompts are averaged. 1 for a measure that has none. */
  weight: z.int().min(1),
});

const promptResult = z.union([generatedResult, scoredResult]);
export type PromptResult = z.infer<typeof promptResult>;
export type ScoredResult = z.infer<typeof scoredResult>;

const run = z.strictObject({
  /** `baseline`, `treated`, `control`, or `control-1`… where there are several. */
  condition: plainId,
  measure: plainId,
  /** Seed of the random direction, for a control. */
  controlSeed: sha256Hex.optional(),
  /** (prompt, position) pairs the edit was applied to, and how many the declaration asks for: equal, or there is no evidence. */
  hook: z.strictObject({ expected: z.int().min(0), applied: z.int().min(0) }),
  results: z.array(promptResult).max(100_000),
});
export type EvidenceRun = z.infer<typeof run>;

/** What two models' rows for the same items came to. */
const compared = z.strictObject({
  comparison: plainId,
  /** Token ids, or ids of prompts: the items, in the order of the rows. */
  items: z.array(z.union([z.int().min(0), z.string().max(128)])).max(COMPARED_LIMIT),
  value: z.number(),
  low: z.number(),
  high: z.number(),
  chance: z.strictObject({ draws: z.int().min(1), reached: z.int().min(0) }),
});
export type Compared = z.infer<typeof compared>;

/** How well a map gives what the target has from what the source has, where its edit applies. */
const mapFit = z.strictObject({
  /** Number of the edit in the manifest. */
  edit: z.int().min(0),
  map: z.enum(['affine', 'relu-autoencoder']),
  /** Pairs of activations it was measured on, over the prompts of the effect. */
  positions: z.int().min(2),
  /** sum |y - f(x)|^2 / sum |y - mean y|^2. */
  unexplained: z.number().min(0),
  /** Mean cosine of y and f(x). */
  cosine: z.number(),
});
export type MapFit = z.infer<typeof mapFit>;

export const evidenceSchema = z.strictObject({
  format: z.literal('evidence/1'),
  environment: environmentSchema,
  runs: z.array(run).max(1024),
  maps: z.array(mapFit).max(4096).optional(),
  comparisons: z.array(compared).max(64).optional(),
});
export type Evidence = z.infer<typeof evidenceSchema>;
