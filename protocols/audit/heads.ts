import { equalBytes } from '../base/bytes.ts';
import type { MemberKey } from '../base/ids.ts';
import { type Head, type NoteUnverified, parseHeadUnverified, verifyHead } from '../feed/index.ts';
import type { AuditCase } from './case.ts';
import type { FeedAudit } from './feed.ts';

/** A checkpoint whose author's signature holds. */
export interface ReadCheckpoint {
  readonly head: Head;
  readonly note: NoteUnverified;
}

/** Fetches and judges the checkpoint of a feed; null where none holds. spec 16-audit §2.3 */
export async function readCheckpoint(audit: AuditCase, feed: MemberKey): Promise<ReadCheckpoint | null> {
  const { source, findings, genesis, opening } = audit;
  const name = audit.nameOf(feed);
  const served = await source.checkpoint(feed);
  if (!served.ok) {
    const isNone = served.reason === 'absent' || served.reason === 'not-offered';
    if (isNone) findings.add('trees', 'head-missing', `There is no signed head of ${name}.`, { feed });
    else audit.fault('trees', served.reason, `The signed head of ${name}`, { feed });
    return null;
  }
  const parsed = parseHeadUnverified(served.value, genesis.id);
  const fault = parsed.ok ? headFault(parsed.value.head, feed, audit, opening.ed25519) : parsed.detail;
  if (fault !== null || !parsed.ok) {
    findings.add('trees', 'head-invalid', `The signed head of ${name} is none: ${fault}.`, { feed });
    return null;
  }
  return parsed.value;
}

function headFault(
  head: Head,
  feed: MemberKey,
  { genesis }: AuditCase,
  ed25519: AuditCase['opening']['ed25519'],
): string | null {
  if (head.author !== feed) return 'it is that of another feed';
  return verifyHead(head, genesis.id, ed25519) ? null : 'the signature of its author does not verify';
}

/** Whether the entries give the root that the author has signed. spec 16-audit §2.3 */
export function judgeHead(audit: AuditCase, feed: FeedAudit): void {
  const { findings } = audit;
  const { head, key, tree } = feed;
  if (head === null || feed.hasFalseBundle) return; // told as that
  const name = audit.nameOf(key);
  if (head.size <= tree.size && equalBytes(tree.root(head.size), head.root)) {
    findings.holds('trees');
    return;
  }
  if (isPastFork(audit, feed, head.size)) return;
  if (head.size <= tree.size) {
    const detail = `The ${head.size} messages shown of ${name} do not give the root that it has signed.`;
    findings.add('trees', 'root-wrong', detail, { feed: key, sequence: head.size - 1 });
  } else if (feed.isComplete) {
    const detail = `${name} has signed a head of ${head.size} messages; the source shows ${tree.size} of them.`;
    findings.add('trees', 'feed-truncated', detail, { feed: key, sequence: tree.size });
  }
}

/** A forked feed is shown up to the fork only: heads beyond it are of one branch or the other. */
function isPastFork({ fold }: AuditCase, { key }: FeedAudit, size: number): boolean {
  const stop = fold.stopOf(key);
  return stop?.reason === 'fork' && size > stop.at;
}

/** How a head seen elsewhere or earlier fits a feed as it is shown now. */
export type Fit = 'same' | 'rewritten' | 'behind' | 'past-fork' | 'unknown';

/** Whether the feed begins with all that the head covers. spec 16-audit §2.12 */
export function fitOf(
  audit: AuditCase,
  feed: FeedAudit | undefined,
  { size, root }: Pick<Head, 'size' | 'root'>,
): Fit {
  if (feed === undefined) return 'behind';
  if (size > feed.tree.size) {
    if (isPastFork(audit, feed, size)) return 'past-fork';
    return feed.isComplete ? 'behind' : 'unknown';
  }
  if (feed.hasFalseBundle) return 'unknown';
  if (equalBytes(feed.tree.root(size), root)) return 'same';
  return isPastFork(audit, feed, size) ? 'past-fork' : 'rewritten';
}
