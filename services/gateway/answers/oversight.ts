import { z } from 'zod';
import { CLAUSE_STATES, CLAUSES } from '../../../protocols/kinds/index.ts';
import { CLAUSE_CODES } from '../../../protocols/oversight/index.ts';
import { cid, count, id, maybeTime, open, time, withheldField } from './common.ts';

const state = z.enum(CLAUSE_STATES);
const evidence = open({
  what: z.string(),
  value: z.union([z.string(), z.number()]).nullable(),
  message: id.nullable(),
});
const clause = open({
  clause: z.enum(CLAUSES),
  state,
  code: z.enum(Object.keys(CLAUSE_CODES)),
  /** Of `pending`: decided by then at the latest. */
  until: time.optional(),
  evidence: z.array(evidence),
});

const standing = {
  at: time,
  charter: count,
  obligation: z.enum(['mandatory', 'voluntary', 'below-thresholds', 'unknown']),
  overall: state,
  clock: open({ opens: time, ends: time }).nullable(),
};

export const assessmentsAnswer = open({
  at: time,
  next: id.nullable(),
  models: z.array(open({ ...standing, frontier: id, analog: id.nullable(), clauses: z.array(clause) })),
});

const due = {
  type: z.literal('due'),
  at: time,
  what: z.enum(['window-opens', 'analog-due', 'report-due', 'audit-due', 'cure-due', 'answer-due']),
  id,
  doneBy: id.nullable(),
};
const timelineEntry = z.union([
  open({
    type: z.literal('message'),
    at: maybeTime,
    id,
    kind: z.string(),
    by: z.string(),
    says: z.string(),
    isWithdrawn: z.boolean(),
  }),
  open(due),
]);

export const timelineAnswer = open({
  at: time,
  timeline: z.array(timelineEntry),
  next: z.string().nullable().optional(),
});
export const calendarAnswer = open({
  at: time,
  next: z.string().nullable(),
  due: z.array(open({ ...due, frontier: id, model: z.string(), lab: z.string() })),
});

const model = { id, name: z.string(), version: z.string(), established: maybeTime };
export const reportAnswer = open({
  ...standing,
  federation: open({ id, name: z.string() }),
  lab: open({ name: z.string(), organisation: z.string() }),
  model: open({
    ...model,
    parameters: count.nullable(),
    withheld: z.array(open(withheldField)),
  }),
  withheld: z.array(open({ ...withheldField, message: id, kind: z.string(), openedBy: id.nullable() })),
  analog: open({ ...model, licence: z.string(), parameters: count, checkpoint: cid }).nullable(),
  clauses: z.array(clause.extend({ asks: z.string(), says: z.string(), cure: z.string().nullable() })),
  timeline: z.array(timelineEntry),
});

export const oversightWordingAnswer = open({
  clauses: z.record(z.string(), z.string()),
  codes: z.record(z.string(), open({ says: z.string(), cure: z.string().nullable() })),
  due: z.record(z.string(), z.string()),
});
