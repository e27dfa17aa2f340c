import { z } from 'zod';
import { ground } from './clauses.ts';
import { calendarDate, parameterCount, text } from './common.ts';

/** `guidance/1`: what a regulator asks of analogs from a day on. */
export const guidanceBody = z.looseObject({
  title: text(200),
  text: text(20_000),
  appliesFrom: calendarDate,
  /** No analog larger than this; null: none named. */
  parameterCeiling: parameterCount.nullable(),
  ...ground,
});
export type GuidanceBody = z.infer<typeof guidanceBody>;
