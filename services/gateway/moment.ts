import { z } from 'zod';

/** The last millisecond of the year 9999: later dates have no usual form. */
const LAST_MOMENT = 253_402_300_799_999;

/** A date to ask about. */
export const moment = z.strictObject({
  at: z.coerce
    .number()
    .int()
    .min(0)
    .max(LAST_MOMENT)
    .optional()
    .meta({ description: 'Milliseconds since 1970; left out: now.' }),
});
