import { z } from 'zod';
import { condition, conditionCount, contentReference, measureId, messageId, text, trials } from './common.ts';
import { difference, estimate } from './estimate.ts';

export const OUTCOMES = [
  'confirmed',
  'refuted',
  'inconclusive',
  'not-rerunnable',
  'hardware-dependent',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The same prompts under two conditions. `both`: the outcome in both; the four cells add up to the prompts. */
export const pairedTable = z.looseObject({
  measure: measureId,
  left: condition,
  right: condition,
  both: trials,
  leftOnly: trials,
  rightOnly: trials,
  neither: trials,
});
export type PairedTable = z.infer<typeof pairedTable>;

/** `verdict/1`: a verifier's re-run of a finding. The outcome must follow from the counts by the named rule. */
export const verdictBody = z.looseObject({
  finding: messageId,
  /** `decision/2` where the claim says anything of a number. */
  rule: z.enum(['decision/1', 'decision/2']),
  outcome: z.enum(OUTCOMES),
  reasons: z
    .array(z.looseObject({ code: z.string().regex(/^[a-z0-9-]{1,64}$/), detail: text(500) }))
    .min(1)
    .max(32),
  counts: z.array(conditionCount).max(256),
  tables: z.array(pairedTable).max(256),
  estimates: z.array(estimate).max(256).optional(),
  differences: z.array(difference).max(256).optional(),
  controlSeeds: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(32),
  environment: z.looseObject({
    engine: text(100),
    engineVersion: text(64),
    runtime: text(100),
    provider: text(64),
    dtype: text(32),
    threads: z.int().min(1).max(4_096),
    architecture: text(64),
  }),
  evidence: contentReference.nullable(),
});
export type VerdictBody = z.infer<typeof verdictBody>;
