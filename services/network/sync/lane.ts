import type { MemberKey } from '../../../protocols/base/ids.ts';
import type { Head } from '../../../protocols/feed/index.ts';
import { PeerGarbage } from './ask.ts';
import type { FeedHead, SyncIntake, SyncSource } from './source.ts';

/** What catching up with one peer works on. */
export interface CatchUpPort {
  readonly source: SyncSource;
  readonly intake: SyncIntake;
}

/** One feed of which the peer holds more than we do. */
export interface Lane {
  readonly head: FeedHead;
  /** What is asked for next. */
  at: number;
  /** `asking`: an answer is on its way, and how much it brings says where the next begins. `dry`: one brought nothing. */
  flow: 'idle' | 'asking' | 'dry';
  /** Whether chunks are still taken on the strength of the signed head. */
  bulk: boolean;
  /** Nothing more is taken from this peer. */
  over: boolean;
  /** The peer's chain is not a continuation of ours: the author has two. */
  diverged: boolean;
  /** Messages that no signed head vouches for were put after our own: the two need not belong to one chain. */
  joined: boolean;
  /** Messages that came as parts of whole chunks. */
  taken: number;
}

/** @throws PeerGarbage when the peer passes on a head that its author has not signed */
export function laneOf(port: CatchUpPort, head: FeedHead): Lane {
  const at = lengthOf(port, head.author);
  const bulk = head.signed !== null && head.signed.size > at;
  if (bulk && !port.intake.verifies(head.signed as Head))
    throw new PeerGarbage('a head whose signature does not hold');
  return { head, at, flow: 'idle', bulk, over: false, diverged: false, joined: false, taken: 0 };
}

/** How many messages of this lane to ask for now; none while it cannot be known from where on. */
export function wantedOf(port: CatchUpPort, { head, at, bulk, over, flow }: Lane): number {
  if (over || flow !== 'idle') return 0;
  const { author, signed, length } = head;
  // what the signed head vouches for comes by itself
  const end = bulk && signed !== null && at < signed.size ? signed.size : length;
  // what has come and is not taken yet will be charged
  const allowed = port.intake.allowance(author) - Math.max(0, at - lengthOf(port, author));
  return Math.max(0, Math.min(allowed, end - at));
}

/** Asks from the end of our own chain again: what has come after it was not taken, or is no longer needed. */
export function beginAnew(port: CatchUpPort, lane: Lane): void {
  const length = lengthOf(port, lane.head.author);
  if (lane.at > length) lane.flow = 'idle';
  lane.at = length;
}

/** Messages of this author that we hold without a gap. */
export function lengthOf({ source }: CatchUpPort, author: MemberKey): number {
  return source.headOf(author)?.length ?? 0;
}
