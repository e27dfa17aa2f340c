import { z } from 'zod';
import { environmentSchema, evidenceSchema } from '../../../protocols/artifacts/index.ts';
import { ERROR_CODES } from '../../../protocols/base/errors.ts';
import { PROVIDER_CHOICES } from '../engine/provider.ts';

/** How a job is to be run. */
const wishes = {
  threads: z.int().min(1).max(1024),
  /** Default: cpu. */
  provider: z.enum(PROVIDER_CHOICES).optional(),
  /** What the process may use, as `rerun` tells it. */
  memoryBytes: z.int().min(1).optional(),
};

/** What to re-run. Directories are local and must not change while the job runs: the weights are mapped, not copied. */
export const rerunJobSchema = z.strictObject({
  target: z.string().min(1),
  intervention: z.string().min(1),
  suite: z.string().min(1),
  /** Directories of the other checkpoints that the intervention names as sources, by CID. */
  sources: z.record(z.string().max(128), z.string().min(1)).optional(),
  /** CID of the target, which the intervention must be for: a directory does not know its own. */
  base: z.string().min(1),
  /** Measure the intervention is claimed to move; run under baseline, treated and every control. */
  effect: z.string(),
  /** Benign measures it must leave alone; run under baseline and treated. */
  gates: z.array(z.string()).max(64),
  /** 32 bytes in hexadecimal each; one norm-matched random control a seed. */
  controlSeeds: z
    .array(z.string().regex(/^[0-9a-f]{64}$/))
    .min(1)
    .max(32),
  /** What random resampling follows from: the finding's id. */
  resampling: z.string().min(1).max(128),
  ...wishes,
});
export type RerunJob = z.infer<typeof rerunJobSchema>;

/** What to measure of a model that nothing changes: how faithful it is to another, or to what another has said. */
export const fidelityJobSchema = z.strictObject({
  /** The analog. */
  target: z.string().min(1),
  /** The model it is compared with; null where the suite carries what that model said. */
  source: z.string().min(1).nullable(),
  suite: z.string().min(1),
  /** A comparison of the suite, or a measure that needs no other condition. */
  effect: z.string(),
  resampling: z.string().min(1).max(128),
  ...wishes,
});
export type FidelityJob = z.infer<typeof fidelityJobSchema>;

export const jobSchema = z.union([rerunJobSchema, fidelityJobSchema]);
export type Job = z.infer<typeof jobSchema>;

export function isRerun(job: Job): job is RerunJob {
  return 'intervention' in job;
}

const count = z.int().min(0);

const countRow = z.strictObject({
  condition: z.string(),
  measure: z.string(),
  /** Prompts that were scored; k of them are 1. `unscored` prompts are in neither. */
  n: count,
  k: count,
  unscored: count,
});
export type CountRow = z.infer<typeof countRow>;

/** The same prompts under two conditions, where both were scored. `both`: 1 under left and under right. */
const pairedTable = z.strictObject({
  measure: z.string(),
  left: z.string(),
  right: z.string(),
  both: count,
  leftOnly: count,
  rightOnly: count,
  neither: count,
});
export type PairedTable = z.infer<typeof pairedTable>;

const items = { measure: z.string(), n: count, unscored: count };
const bounds = { valueMicro: z.int(), lowMicro: z.int(), highMicro: z.int() };

/** A measure of numbers under one condition, in millionths of its unit. */
const estimateRow = z.strictObject({
  condition: z.string(),
  ...items,
  ...bounds,
  chance: z.strictObject({ draws: count, reached: count }).optional(),
});
export type EstimateRow = z.infer<typeof estimateRow>;

/** Treated less `against`, on the same prompts. */
const differenceRow = z.strictObject({
  against: z.string(),
  ...items,
  ...bounds,
  higher: count,
  lower: count,
});
export type DifferenceRow = z.infer<typeof differenceRow>;

export const rerunOutcomeSchema = z.strictObject({
  counts: z.array(countRow),
  tables: z.array(pairedTable),
  /** Of the measures that give scores, and of comparisons. */
  estimates: z.array(estimateRow),
  differences: z.array(differenceRow),
  evidence: evidenceSchema,
  environment: environmentSchema,
  timings: z.strictObject({
    loadMs: z.number(),
    runMs: z.number(),
    /** Prompts under conditions that were decoded: the work done, for rates. */
    generations: count,
  }),
});
export type RerunOutcome = z.infer<typeof rerunOutcomeSchema>;

export const progressSchema = z.strictObject({ done: count, total: count });
/** Generations finished, of those the job asks for. */
export type Progress = z.infer<typeof progressSchema>;

/** What the child says to its parent. Checked on arrival: the child has read a stranger's files. */
export const workerMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), progress: progressSchema }),
  z.strictObject({ type: z.literal('done'), outcome: rerunOutcomeSchema }),
  z.strictObject({
    type: z.literal('failed'),
    code: z.enum(ERROR_CODES),
    message: z.string(),
    reason: z.string().nullable(),
  }),
]);
export type WorkerMessage = z.infer<typeof workerMessageSchema>;
