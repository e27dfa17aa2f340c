import { z } from 'zod';
import { messageId, text } from './common.ts';

/** `cure/1`: a lab has put right what a notice found. */
export const cureBody = z.looseObject({
  notice: messageId,
  /** The analog that does; null: no new one was needed. */
  analog: messageId.nullable(),
  summary: text(4_000),
});
export type CureBody = z.infer<typeof cureBody>;
