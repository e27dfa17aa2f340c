import { z } from 'zod';
import { condition, measureId, trials } from './common.ts';

/** Largest magnitude of a measured number: a million units, in millionths. */
const LIMIT_MICRO = 1_000_000_000_000;

/** Millionths of a measure's unit (nats, or one): a real number in a body that has no floats. spec 07-verdict §7.1 */
export const micro = z.int().min(-LIMIT_MICRO).max(LIMIT_MICRO);

/** Prompts or other items behind a number, and what it was estimated as: each bound is passed by one in twenty. */
const interval = {
  measure: measureId,
  n: trials,
  unscored: trials,
  valueMicro: micro,
  lowMicro: micro,
  highMicro: micro,
};

const isOrdered = (each: { valueMicro: number; lowMicro: number; highMicro: number }) =>
  each.lowMicro <= each.valueMicro && each.valueMicro <= each.highMicro;

/** What a measure came to under one condition. */
export const estimate = z
  .looseObject({
    ...interval,
    condition,
    /** Of a statistic judged against chance: random arrangements tried, and those that came at least as far. */
    chance: z
      .looseObject({ draws: z.int().min(1).max(100_000), reached: z.int().min(0).max(100_000) })
      .optional(),
  })
  .refine(isOrdered, 'the value lies within its bounds');
export type Estimate = z.infer<typeof estimate>;

/** What treated is above a condition, on the same prompts, on average; and on how many prompts it is higher and lower. */
export const difference = z
  .looseObject({ ...interval, against: condition, higher: trials, lower: trials })
  .refine(isOrdered, 'the value lies within its bounds')
  .refine((each) => each.higher + each.lower <= each.n, 'no more prompts than there are');
export type Difference = z.infer<typeof difference>;
