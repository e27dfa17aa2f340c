import { z } from 'zod';
import type { Answer, ListedFeed } from '../../../protocols/audit/index.ts';
import { fromUtf8 } from '../../../protocols/base/bytes.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { FEEDS_LIMIT, MESSAGE_LIMIT_BYTES, SYNC_EVIDENCE_LIMIT } from '../../../protocols/base/limits.ts';
import { accept, refuse } from '../../../protocols/base/result.ts';
import { fromBase64 } from '../../../protocols/codec/base64.ts';
import { TILE_WIDTH } from '../../../protocols/feed/index.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';

const MIB = 1_048_576;

/** Bytes of the largest true answers; what is larger is cut off. */
export const ANSWER_LIMITS = {
  /** Of every version of a charter of 1,024 members; a version has about 0.7 MB. */
  charters: 64 * MIB,
  /** Of 4,096 feeds, half a kilobyte each. */
  feeds: 8 * MIB,
  /** Two messages each, as base64. */
  evidence: 2 * SYNC_EVIDENCE_LIMIT * MESSAGE_LIMIT_BYTES * 2,
  record: 64 * MIB,
  /** A hash a leaf; a bundle is the largest. */
  tile: TILE_WIDTH * (MESSAGE_LIMIT_BYTES + 2),
  /** Blocks of the profile have 1 MiB at most. */
  block: 2 * MIB,
} as const;

const chartersAnswer = z.looseObject({ charters: z.array(z.looseObject({ document: z.unknown() })).min(1) });
const feedKey = z.custom<MemberKey>(
  (value) => typeof value === 'string' && parseDidKey('ed25519', value) !== null,
);
const feedsAnswer = z.looseObject({
  feeds: z.array(z.looseObject({ feed: feedKey, size: z.int().min(0) })).max(2 * FEEDS_LIMIT),
});
const evidenceAnswer = z.looseObject({
  messages: z.array(z.string()).max(2 * SYNC_EVIDENCE_LIMIT),
});

export function parseJson(bytes: Uint8Array): Answer<unknown> {
  try {
    return accept(JSON.parse(fromUtf8(bytes)) as unknown);
  } catch {
    return refuse('answer-malformed', 'not JSON');
  }
}

export function parseCharters(bytes: Uint8Array): Answer<readonly unknown[]> {
  const parsed = parse(bytes, chartersAnswer);
  return parsed.ok ? accept(parsed.value.charters.map(({ document }) => document)) : parsed;
}

export function parseFeeds(bytes: Uint8Array): Answer<readonly ListedFeed[]> {
  const parsed = parse(bytes, feedsAnswer);
  return parsed.ok ? accept(parsed.value.feeds.map(({ feed, size }) => ({ feed, size }))) : parsed;
}

export function parseEvidence(bytes: Uint8Array): Answer<readonly Uint8Array[]> {
  const parsed = parse(bytes, evidenceAnswer);
  if (!parsed.ok) return parsed;
  const wires = parsed.value.messages.map(fromBase64);
  const whole = wires.filter((wire) => wire !== null);
  return whole.length === wires.length ? accept(whole) : refuse('answer-malformed', 'not base64');
}

function parse<T>(bytes: Uint8Array, schema: z.ZodType<T>): Answer<T> {
  const json = parseJson(bytes);
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  return parsed.success ? accept(parsed.data) : refuse('answer-malformed', 'of another form');
}
