import { z } from 'zod';
import { claim, conditionCount, estimate, OUTCOMES, ROLES } from '../../protocols/kinds/index.ts';

/** The node's answers as the command reads them: what it shows is checked, the rest is kept for `--json`. */

/** Milliseconds since 1970; null until enough witnesses have seen it. */
const established = z.int().nullable();

const feedEntry = z.looseObject({
  length: z.int(),
  stop: z.looseObject({ at: z.int(), reason: z.string() }).nullable(),
  witnessed: z.looseObject({ size: z.int(), established: z.int() }).nullable(),
});

const formerKey = z.looseObject({
  key: z.string(),
  reason: z.string(),
  last: z.int().nullable(),
  compromisedAt: z.int().nullable(),
  feed: feedEntry,
});
export type FormerKeyEntry = z.infer<typeof formerKey>;

const memberEntry = z.looseObject({
  key: z.string(),
  name: z.string(),
  organisation: z.string(),
  roles: z.array(z.enum(ROLES)),
  ratification: z.string().nullable(),
  feed: feedEntry,
  former: z.array(formerKey),
});
export type MemberEntry = z.infer<typeof memberEntry>;

const frontierEntry = z.looseObject({
  id: z.string(),
  author: z.string(),
  established,
  name: z.string(),
  version: z.string(),
  parameters: z.int().nullable(),
  deployedOn: z.string(),
});

const analogEntry = z.looseObject({
  id: z.string(),
  author: z.string(),
  established,
  name: z.string(),
  version: z.string(),
  parameters: z.int(),
  licence: z.string(),
  checkpoint: z.string(),
  frontier: z.string().nullable(),
  ratioPpm: z.int().nullable(),
});

const pinEntry = z.looseObject({
  id: z.string(),
  checkpoint: z.string(),
  member: z.string(),
  organisation: z.string(),
  until: z.int(),
  checks: z.array(
    z.looseObject({
      member: z.string(),
      organisation: z.string(),
      established,
      at: z.int(),
      fault: z.string().nullable(),
    }),
  ),
});

const findingEntry = z.looseObject({
  id: z.string(),
  author: z.string(),
  established,
  title: z.string(),
  intervention: z.string().nullable(),
  suite: z.string(),
  source: z.string().nullable(),
  target: z.string(),
  claim,
  standing: z.enum(['open', 'confirmed', 'refuted', 'disputed']),
  reasons: z.array(z.string()),
  verdicts: z.array(
    z.looseObject({
      id: z.string(),
      verifier: z.string(),
      established,
      outcome: z.enum(OUTCOMES),
      discount: z.string().nullable(),
      reasons: z.array(z.string()),
      counts: z.array(conditionCount),
      estimates: z.array(estimate).optional(),
      evidence: z.string().nullable(),
    }),
  ),
});
export type FindingEntry = z.infer<typeof findingEntry>;

export const recordAnswer = z.looseObject({
  v: z.literal(1),
  federation: z.string(),
  name: z.string(),
  charter: z.looseObject({
    version: z.int(),
    id: z.string(),
    history: z.array(z.looseObject({ version: z.int(), id: z.string(), proposal: z.string().nullable() })),
  }),
  proposals: z.array(
    z.looseObject({
      id: z.string(),
      author: z.string(),
      version: z.int(),
      charter: z.string(),
      reason: z.string(),
      consents: z.array(z.string()),
      needed: z.int(),
    }),
  ),
  members: z.array(memberEntry),
  formerMembers: z.array(
    z.looseObject({ name: z.string(), organisation: z.string(), former: z.array(formerKey) }),
  ),
  forks: z.array(z.looseObject({ key: z.string(), name: z.string(), at: z.int() })),
  frontierReleases: z.array(frontierEntry),
  analogReleases: z.array(analogEntry),
  pins: z.array(pinEntry),
  findings: z.array(findingEntry),
});
export type RecordAnswer = z.infer<typeof recordAnswer>;

export const statusAnswer = z.looseObject({
  version: z.string(),
  federation: z.string(),
  federationName: z.string(),
  member: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  messages: z.int(),
  pending: z.int(),
  ownFeed: z.looseObject({ state: z.string(), length: z.int() }),
  recordDigest: z.string(),
  witnessing: z.looseObject({
    isWitness: z.boolean(),
    shown: z.int(),
    cosigned: z.array(z.looseObject({ witness: z.string(), size: z.int() })),
  }),
  transports: z.array(z.looseObject({ name: z.string(), state: z.string(), peers: z.int() })),
  refusals: z.record(z.string(), z.int()),
  jobs: z.array(z.looseObject({ finding: z.string(), state: z.string(), progress: z.number() })),
});
export type StatusAnswer = z.infer<typeof statusAnswer>;

export const charterAnswer = z.looseObject({ v: z.literal(1) });
export const charterHistoryAnswer = z.looseObject({
  charters: z.array(z.looseObject({ id: z.string(), document: charterAnswer })),
});

export const messageAnswer = z.looseObject({
  id: z.string(),
  author: z.string(),
  sequence: z.int(),
  previous: z.string().nullable(),
  issuedAt: z.int(),
  kind: z.string(),
  body: z.record(z.string(), z.unknown()),
  wire: z.string(),
});
export type MessageAnswer = z.infer<typeof messageAnswer>;
