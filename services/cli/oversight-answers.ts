import { z } from 'zod';
import { CLAUSE_STATES, CLAUSES } from '../../protocols/kinds/index.ts';

/** What the node says of models, as the command reads it: what it shows is checked, the rest is kept for `--json`. */

const time = z.int();
const clause = z.looseObject({
  clause: z.enum(CLAUSES),
  state: z.enum(CLAUSE_STATES),
  code: z.string(),
  until: time.optional(),
});
const evidence = z.looseObject({
  what: z.string(),
  value: z.union([z.string(), z.number()]).nullable(),
  message: z.string().nullable(),
});
const clauseRow = clause.extend({
  asks: z.string(),
  says: z.string(),
  cure: z.string().nullable(),
  evidence: z.array(evidence),
});

const clock = z.looseObject({ opens: time, ends: time }).nullable();
const assessment = z.looseObject({
  frontier: z.string(),
  analog: z.string().nullable(),
  obligation: z.string(),
  overall: z.enum(CLAUSE_STATES),
  clock,
  clauses: z.array(clause),
});
export type AssessmentAnswer = z.infer<typeof assessment>;
export const assessmentsAnswer = z.looseObject({
  at: time,
  models: z.array(assessment),
  /** What the next page comes after; null at the end. */
  next: z.string().nullable(),
});

const timelineEntry = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('message'),
    at: time.nullable(),
    id: z.string(),
    kind: z.string(),
    by: z.string(),
    says: z.string(),
    isWithdrawn: z.boolean(),
  }),
  z.looseObject({
    type: z.literal('due'),
    at: time,
    what: z.enum(['window-opens', 'analog-due', 'report-due', 'audit-due', 'cure-due', 'answer-due']),
    id: z.string(),
    doneBy: z.string().nullable(),
  }),
]);
export type TimelineEntryAnswer = z.infer<typeof timelineEntry>;
export const timelineAnswer = z.looseObject({ at: time, timeline: z.array(timelineEntry) });

export const reportAnswer = z.looseObject({
  at: time,
  lab: z.looseObject({ name: z.string(), organisation: z.string() }),
  model: z.looseObject({
    id: z.string(),
    name: z.string(),
    version: z.string(),
  }),
  withheld: z.array(
    z.looseObject({
      kind: z.string(),
      field: z.string(),
      reason: z.string().nullable(),
      sealedTo: z.array(z.string()),
      openedBy: z.string().nullable(),
    }),
  ),
  analog: z.looseObject({ id: z.string(), name: z.string(), version: z.string() }).nullable(),
  charter: z.int(),
  obligation: z.string(),
  overall: z.enum(CLAUSE_STATES),
  clock,
  clauses: z.array(clauseRow),
  timeline: z.array(timelineEntry),
});
export type ReportAnswer = z.infer<typeof reportAnswer>;
