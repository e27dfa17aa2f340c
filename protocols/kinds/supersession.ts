import { z } from 'zod';
import { messageId, text } from './common.ts';

/** `supersession/1`: the author of a release or finding no longer stands by it. */
export const supersessionBody = z.looseObject({
  subject: messageId,
  /** What stands in its place; null: nothing. */
  replacement: messageId.nullable(),
  reason: text(4_000),
});
export type SupersessionBody = z.infer<typeof supersessionBody>;
