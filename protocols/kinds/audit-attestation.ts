import { z } from 'zod';
import { contentReference, messageId, text } from './common.ts';
import { orWithheld } from './withheld.ts';

/** `audit-attestation/1`: what an independent audit of a model and its analog concluded. */
export const auditAttestationBody = z.looseObject({
  frontier: messageId,
  analog: messageId.nullable(),
  scope: text(4_000),
  conclusion: z.enum(['conforms', 'does-not-conform', 'not-concluded']),
  summary: orWithheld(text(4_000)),
  report: orWithheld(contentReference).nullable(),
});
export type AuditAttestationBody = z.infer<typeof auditAttestationBody>;
