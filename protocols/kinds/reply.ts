import { z } from 'zod';
import { contentReference, messageId, text } from './common.ts';
import { orWithheld } from './withheld.ts';

/** `reply/1`: a lab answers a request, a notice, a determination or a penalty. */
export const replyBody = z.looseObject({
  to: messageId,
  text: orWithheld(text(20_000)),
  attachments: z.array(orWithheld(contentReference)).max(32),
});
export type ReplyBody = z.infer<typeof replyBody>;
