import { z } from 'zod';
import { messageId, text } from './common.ts';

/** `advisory/1`: what readers of a release or finding should know by now. Nothing is ever deleted. */
export const advisoryBody = z.looseObject({
  /** A release or a finding. */
  subject: messageId,
  severity: z.enum(['low', 'moderate', 'high', 'critical']),
  title: text(200),
  summary: text(4_000),
  advice: text(4_000),
});
export type AdvisoryBody = z.infer<typeof advisoryBody>;
