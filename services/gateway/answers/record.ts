import { z } from 'zod';
import {
  charterDocument,
  claim,
  conditionCount,
  estimate,
  FORMER_REASONS,
  OUTCOMES,
  PIN_FAULTS,
  ROLES,
} from '../../../protocols/kinds/index.ts';
import { STATEMENT_KINDS } from '../../../protocols/record/index.ts';
import { cid, count, didKey, id, maybeTime, open, time, withheldField } from './common.ts';

const feed = open({
  length: count,
  head: id.nullable(),
  stop: open({ at: count, reason: z.enum(['fork', 'broken-chain']) }).nullable(),
  witnessed: open({ size: count, established: time }).nullable(),
});

const formerKey = open({
  key: didKey,
  reason: z.enum(FORMER_REASONS),
  last: z.int().nullable(),
  compromisedAt: maybeTime,
  feed,
});

const memberEntry = open({
  name: z.string(),
  organisation: z.string(),
  roles: z.array(z.enum(ROLES)),
  key: didKey,
  feed,
  ratification: id.nullable(),
  card: id.nullable(),
  former: z.array(formerKey),
});

const entry = { id, author: didKey, established: maybeTime };
const withheld = z.array(
  open({
    ...withheldField,
    opened: open({ id, established: maybeTime, value: z.unknown() }).nullable(),
  }),
);

const frontier = open({
  ...entry,
  name: z.string(),
  version: z.string(),
  modelType: z.string(),
  parameters: count.nullable(),
  deployedOn: z.string(),
  checkpoint: cid.nullable(),
  charter: count,
  access: z.enum(['closed', 'structured', 'open']),
  withheld,
});

const analog = open({
  ...entry,
  name: z.string(),
  version: z.string(),
  modelType: z.string(),
  parameters: count,
  licence: z.string(),
  checkpoint: cid,
  frontier: id.nullable(),
  ratioPpm: z.int().nullable(),
  withheld,
});

const pinEntry = open({
  id,
  checkpoint: cid,
  member: z.string(),
  organisation: z.string(),
  established: maybeTime,
  until: time,
  checks: z.array(
    open({
      id,
      member: z.string(),
      organisation: z.string(),
      established: maybeTime,
      at: time,
      asked: count,
      answered: count,
      fault: z.enum(PIN_FAULTS).nullable(),
    }),
  ),
});

const verdict = open({
  id,
  verifier: didKey,
  established: maybeTime,
  outcome: z.enum(OUTCOMES),
  discount: z.string().nullable(),
  reasons: z.array(z.string()),
  counts: z.array(conditionCount),
  estimates: z.array(estimate).optional(),
  evidence: cid.nullable(),
});

export const findingAnswer = open({
  ...entry,
  title: z.string(),
  intervention: cid.nullable(),
  suite: cid,
  source: cid.nullable(),
  target: cid,
  claim,
  standing: z.enum(['open', 'confirmed', 'refuted', 'disputed']),
  reasons: z.array(z.string()),
  verdicts: z.array(verdict),
});

/** Where a list was asked for in pages: what `after` takes for the next; null after the last. */
const next = z.string().nullable().optional();
export const membersAnswer = open({ members: z.array(memberEntry), next });
export const releasesAnswer = open({
  frontierReleases: z.array(frontier),
  analogReleases: z.array(analog),
  next,
});
export const findingsAnswer = open({ findings: z.array(findingAnswer), next });

const charter = { version: count, id };
const federation = {
  charter: open({
    ...charter,
    history: z.array(open({ version: count, id, proposal: id.nullable() })),
  }),
  proposals: z.array(
    open({
      id,
      author: didKey,
      version: count,
      charter: id,
      reason: z.string(),
      consents: z.array(z.string()),
      needed: count,
    }),
  ),
  members: z.array(memberEntry),
  formerMembers: z.array(open({ name: z.string(), organisation: z.string(), former: z.array(formerKey) })),
  forks: z.array(open({ key: didKey, name: z.string(), at: count })),
};

export const recordAnswer = open({
  ...federation,
  v: z.literal(1),
  federation: id,
  name: z.string(),
  frontierReleases: z.array(frontier),
  analogReleases: z.array(analog),
  pins: z.array(pinEntry),
  findings: z.array(findingAnswer),
  statements: z.array(
    open({
      ...entry,
      kind: z.enum(STATEMENT_KINDS),
      body: z.record(z.string(), z.unknown()),
      withheld: withheld.optional(),
    }),
  ),
});

export const federationAnswer = open(federation);
export const overviewAnswer = open({
  federation: id,
  name: z.string(),
  charter: open(charter),
  names: z.record(z.string(), z.string()),
  counts: open({
    frontierReleases: count,
    analogReleases: count,
    findings: z.record(z.string(), count),
    statements: count,
    members: count,
    forks: count,
  }),
});
const nextPage = id.nullable();
export const modelsPage = open({
  models: z.array(open({ frontier: frontier.nullable(), analogs: z.array(analog) })),
  next: nextPage,
});
export const findingsPage = open({ findings: z.array(findingAnswer), next: nextPage });

export const charterAnswer = charterDocument;
export const chartersAnswer = open({
  charters: z.array(open({ id, document: charterDocument, proposal: id.nullable(), consents: z.array(id) })),
  next,
});
