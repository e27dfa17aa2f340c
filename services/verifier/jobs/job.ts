import { z } from 'zod';
import { environmentSchema, evidenceSchema } from '../../../protocols/artifacts/index.ts';
import { ERROR_CODES } from '../../../protocols/base/errors.ts';

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
  threads: z.int().min(1).max(1024),
});
export type RerunJob = z.infer<typeof rerunJobSchema>;

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

export const rerunOutcomeSchema = z.strictObject({
  counts: z.array(countRow),
  tables: z.array(pairedTable),
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
