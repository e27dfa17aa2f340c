import { z } from 'zod';
import { ground } from './clauses.ts';
import { calendarDate, messageId } from './common.ts';

/** `extension/1`: a regulator lets an analog come later. */
export const extensionBody = z.looseObject({
  frontier: messageId,
  /** The last day. */
  until: calendarDate,
  review: z.literal('dual-use'),
  ...ground,
});
export type ExtensionBody = z.infer<typeof extensionBody>;
