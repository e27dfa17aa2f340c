import { z } from 'zod';
import { ground } from './clauses.ts';
import { calendarDate, messageId } from './common.ts';

/** `penalty/1`: a fine, a suspension of later releases, or both. */
export const penaltyBody = z
  .looseObject({
    frontier: messageId,
    notice: messageId,
    fine: z.looseObject({ currency: z.string().regex(/^[A-Z]{3}$/), amount: z.int().min(1) }).nullable(),
    /** Last day on which the lab may release nothing. */
    suspendedUntil: calendarDate.nullable(),
    ...ground,
  })
  .refine((body) => body.fine !== null || body.suspendedUntil !== null, 'a fine, a suspension or both');
export type PenaltyBody = z.infer<typeof penaltyBody>;
