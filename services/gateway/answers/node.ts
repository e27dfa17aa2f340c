import { z } from 'zod';
import { ROLES } from '../../../protocols/kinds/index.ts';
import { cid, count, didKey, id, open, time } from './common.ts';

const base64 = z.string().meta({ contentEncoding: 'base64' });

export const statusAnswer = open({
  version: z.string(),
  federation: id,
  federationName: z.string(),
  member: didKey,
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
  charter: open({ version: count, id }),
  messages: count,
  pending: count,
  ownFeed: open({ state: z.enum(['unconfirmed', 'confirmed', 'forked']), length: count }),
  recordDigest: z.string(),
  witnessing: open({
    isWitness: z.boolean(),
    shown: count,
    cosigned: z.array(open({ witness: z.string(), size: count })),
  }),
  lastEvent: count,
  transports: z.array(
    open({ name: z.string(), state: z.enum(['connected', 'connecting', 'closed']), peers: count }),
  ),
  refusals: z.record(z.string(), count),
  jobs: z.array(open({ finding: id, state: z.string(), progress: z.number() })),
});

export const wordingAnswer = open({
  bearings: z.record(z.string(), z.string()),
  reasons: z.record(z.string(), z.string()),
  standings: z.record(z.string(), z.string()),
  outcomes: z.record(z.string(), z.string()),
  discounts: z.record(z.string(), z.string()),
});

export const messageAnswer = open({
  id,
  federation: id,
  author: didKey,
  sequence: count,
  previous: id.nullable(),
  issuedAt: time,
  kind: z.string(),
  body: z.record(z.string(), z.unknown()),
  /** The signed bytes, in base64. */
  wire: base64,
});

export const feedsAnswer = open({
  next: z.string().nullable().optional(),
  feeds: z.array(
    open({
      feed: didKey,
      name: z.string().nullable(),
      origin: z.string(),
      vkey: z.string(),
      size: count,
      signed: count.nullable(),
      prefix: z.string(),
    }),
  ),
});

export const evidenceAnswer = open({ messages: z.array(base64) });

export const copiesAnswer = open({
  at: time,
  next: id.nullable(),
  releases: z.array(
    open({
      release: id,
      name: z.string(),
      version: z.string(),
      checkpoint: cid,
      copies: z.array(
        open({
          member: z.string(),
          organisation: z.string(),
          until: time,
          state: z.string(),
          isOwn: z.boolean(),
        }),
      ),
      promised: count,
      shown: count,
      independent: count,
    }),
  ),
});

export const collectedAnswer = open({
  dryRun: z.boolean(),
  collected: z.array(open({ cid, sizeBytes: count, state: z.enum(['whole', 'partial']) })),
});
