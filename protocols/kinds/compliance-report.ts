import { z } from 'zod';
import { CLAUSE_STATES, CLAUSES } from './clauses.ts';
import { calendarDate, documentId, messageId, text } from './common.ts';
import { orWithheld } from './withheld.ts';

const cost = z.looseObject({
  item: text(200),
  gpuHours: z.int().min(0).nullable(),
  usd: z.int().min(0).nullable(),
});

/** `compliance-report/1`: a lab's report on one analog, generated from the record and signed by the lab. */
export const complianceReportBody = z.looseObject({
  frontier: messageId,
  analog: messageId,
  /** Milliseconds since 1970: the clauses are as of then. */
  asOf: z.int().min(0),
  /** The version of the charter whose policy governs the model. */
  charter: documentId,
  clauses: z
    .array(
      z.looseObject({
        clause: z.enum(CLAUSES),
        state: z.enum(CLAUSE_STATES),
        /** Of a pending clause, milliseconds since 1970. */
        until: z.int().min(0).nullable(),
      }),
    )
    .max(64),
  /** How the analog was made. */
  creation: z.array(z.looseObject({ on: calendarDate, what: text(500) })).max(256),
  costs: orWithheld(z.array(cost).max(64)),
});
export type ComplianceReportBody = z.infer<typeof complianceReportBody>;
