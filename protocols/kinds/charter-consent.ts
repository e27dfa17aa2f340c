import { z } from 'zod';
import { documentId, messageId } from './common.ts';

/** `charter-consent/1`: the author wants this document as this version. Its first consent for a version counts. spec 06-charter §6 */
export const charterConsentBody = z.looseObject({
  version: z.int().min(1),
  charter: documentId,
  /** The proposal that the author read. */
  proposal: messageId,
});
export type CharterConsentBody = z.infer<typeof charterConsentBody>;
