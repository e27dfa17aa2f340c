import { type CharterHistory, mayPublish } from '../charter/index.ts';
import type { FormerReason } from '../kinds/index.ts';
import type { HeldFeed } from './held-feed.ts';

export type VoidReason = 'fork' | 'broken-chain' | 'not-a-member' | 'after-last' | 'role-may-not';

/** What a message is worth, and why. spec 08-record §4 */
export type MessageStatus =
  /** Counts; its key is its author's. */
  | { readonly status: 'valid'; readonly reason: null }
  /** Counts; its key has been given up since. */
  | { readonly status: 'superseded-key'; readonly reason: FormerReason }
  /** Does not count: the key was lost, and nobody witnessed the message before. */
  | { readonly status: 'revoked-after'; readonly reason: 'compromised' }
  | { readonly status: 'void'; readonly reason: VoidReason };

/** One object a status, so that a list of them costs one pointer a message. */
const VALID: MessageStatus = { status: 'valid', reason: null };
const REVOKED: MessageStatus = { status: 'revoked-after', reason: 'compromised' };
const SUPERSEDED = {
  rotated: { status: 'superseded-key', reason: 'rotated' },
  removed: { status: 'superseded-key', reason: 'removed' },
  compromised: { status: 'superseded-key', reason: 'compromised' },
} as const;
const VOID = {
  fork: { status: 'void', reason: 'fork' },
  'broken-chain': { status: 'void', reason: 'broken-chain' },
  'not-a-member': { status: 'void', reason: 'not-a-member' },
  'after-last': { status: 'void', reason: 'after-last' },
  'role-may-not': { status: 'void', reason: 'role-may-not' },
} as const;

export function doesCount({ status }: MessageStatus): boolean {
  return status === 'valid' || status === 'superseded-key';
}

/**
 * The status of the message at this place of a feed. The first that holds. spec 08-record §4
 * @param establishedMs asked for keys declared compromised only: when the message was known, null for never
 */
export function statusAt(
  history: CharterHistory,
  { key, kinds, stop }: HeldFeed,
  sequence: number,
  establishedMs: () => number | null,
): MessageStatus {
  // spec 08-record §4.1
  if (stop !== null && sequence >= stop.at) return VOID[stop.reason];
  // spec 08-record §4.2
  const governing = history.governing(key, sequence);
  if (governing === null) return VOID['not-a-member'];
  // spec 08-record §4.3
  const former = history.of(key)?.former ?? null;
  if (former !== null && (former.last === null || sequence > former.last)) return VOID['after-last'];
  // spec 08-record §4.4
  if (!mayPublish(governing.member.roles, kinds[sequence] ?? '')) return VOID['role-may-not'];
  if (former === null) return VALID;
  // spec 08-record §4.5
  if (former.compromisedAt !== undefined) {
    const established = establishedMs();
    if (established === null || established >= former.compromisedAt) return REVOKED;
  }
  // spec 08-record §4.6
  return SUPERSEDED[former.reason];
}
