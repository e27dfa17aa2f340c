import { z } from 'zod';
import { clauseId, ground } from './clauses.ts';
import { digestText, messageId, text } from './common.ts';

/** `determination/1`: a regulator's decision about a model, clause by clause. */
export const determinationBody = z.looseObject({
  frontier: messageId,
  /** The analog it is about; null: whichever there is. */
  analog: messageId.nullable(),
  outcome: z.enum(['compliant', 'late', 'incomplete', 'non-compliant']),
  /** Closes clauses that cannot be known from the record. */
  clauses: z
    .array(z.looseObject({ clause: clauseId, state: z.enum(['met', 'not-met']), reason: text(1_000) }))
    .max(64),
  /** Commitments of the sealed fields that the regulator has opened for it. spec 20-disclosure §4 */
  opened: z.array(digestText).max(64).optional(),
  /** Notices that are closed by it. */
  settles: z.array(messageId).max(64),
  ...ground,
});
export type DeterminationBody = z.infer<typeof determinationBody>;
