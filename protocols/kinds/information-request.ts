import { z } from 'zod';
import { memberName } from './charter.ts';
import { ground } from './clauses.ts';
import { calendarDate, messageId, text } from './common.ts';

/** `information-request/1`: a regulator asks a member. */
export const informationRequestBody = z.looseObject({
  frontier: messageId,
  to: memberName,
  questions: z.array(text(1_000)).min(1).max(32),
  /** The last day. */
  answerBy: calendarDate,
  ...ground,
});
export type InformationRequestBody = z.infer<typeof informationRequestBody>;
