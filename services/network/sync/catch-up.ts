import { equalBytes } from '../../../protocols/base/bytes.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { type Head, verifyConsistency } from '../../../protocols/feed/index.ts';
import { throwIfStopped } from '../deadline.ts';
import { type AskedPeer, PeerGarbage } from './ask.ts';
import type { Ingestion } from './ingestion.ts';
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
  /** Whether chunks are still taken on the strength of the signed head. */
  bulk: boolean;
  /** Nothing more is to be had from this peer. */
  over: boolean;
  /** The peer's chain is not a continuation of ours: the author has two. */
  diverged: boolean;
  /** Messages that no signed head vouches for were put after our own: the two need not belong to one chain. */
  joined: boolean;
  /** Messages that came as parts of whole chunks. */
  taken: number;
}

interface Coming {
  readonly lane: Lane;
  readonly from: number;
  readonly wires: Promise<Uint8Array[]>;
}

/** @throws PeerGarbage when the peer passes on a head that its author has not signed */
export function laneOf({ source, intake }: CatchUpPort, head: FeedHead): Lane {
  const length = source.headOf(head.author)?.length ?? 0;
  const bulk = head.signed !== null && head.signed.size > length;
  if (bulk && !intake.verifies(head.signed as Head))
    throw new PeerGarbage('a head whose signature does not hold');
  return { head, at: length, bulk, over: false, diverged: false, joined: false, taken: 0 };
}

/**
 * Fetches what the lanes lack, in two halves side by side: while a chunk of one is read in another thread or proven by
 * the peer, a chunk of the other is stored. spec 11-network §4.9
 */
export async function catchUp(
  port: CatchUpPort,
  asked: AskedPeer,
  ingestion: Ingestion,
  lanes: readonly Lane[],
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const halves = [0, 1].map(async (half) => {
    const own = lanes.filter((_, i) => i % 2 === half);
    try {
      await fetchInTurn(port, asked, ingestion, own, either);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(halves);
  throwIfStopped(signal);
  failed.signal.throwIfAborted();
}

/**
 * A chunk of each lane in turn, so that a long feed does not keep the others waiting. While one chunk is worked on the
 * next is on its way; no more than these two are held.
 */
async function fetchInTurn(
  port: CatchUpPort,
  asked: AskedPeer,
  ingestion: Ingestion,
  lanes: readonly Lane[],
  signal: AbortSignal,
): Promise<void> {
  const turn = [...lanes];
  const next = (): Coming | null => {
    for (let lane = turn.shift(); lane !== undefined; lane = turn.shift()) {
      if (lane.over || lane.at >= lane.head.length) continue;
      const { author } = lane.head;
      // what has come and is not taken yet will be charged
      const allowed = port.intake.allowance(author) - Math.max(0, lane.at - lengthOf(port, author));
      if (allowed <= 0) continue;
      turn.push(lane);
      const wires = asked.range(author, lane.at, Math.min(endOf(lane), lane.at + allowed));
      wires.catch(() => {}); // told where it is awaited
      return { lane, from: lane.at, wires };
    }
    return null;
  };
  for (let coming = next(); coming !== null; ) {
    const { lane, from } = coming;
    const wires = await coming.wires;
    throwIfStopped(signal);
    if (wires.length === 0) lane.over = true;
    lane.at = from + wires.length;
    const following = next();
    await takeChunk(port, asked, ingestion, lane, from, wires, signal);
    coming = following;
    if (following?.lane !== lane || (!lane.over && lane.at === following.from)) continue;
    // what was asked for meanwhile does not follow what was taken
    await following.wires;
    coming = next();
  }
}

/** Up to where one request goes: what the signed head vouches for comes by itself. */
function endOf({ head, at, bulk }: Lane): number {
  return bulk && head.signed !== null && at < head.signed.size ? head.signed.size : head.length;
}

async function takeChunk(
  port: CatchUpPort,
  asked: AskedPeer,
  ingestion: Ingestion,
  lane: Lane,
  from: number,
  wires: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<void> {
  const { author, signed } = lane.head;
  const length = lengthOf(port, author);
  // gossip may have brought some of them meanwhile
  const missing = wires.slice(Math.max(0, length - from));
  const end = from + wires.length;
  if (missing.length === 0) {
    lane.at = Math.max(length, from);
    return;
  }
  if (lane.bulk && signed !== null && end <= signed.size) {
    const outcome = await takeVouched(port, asked, signed, missing);
    if (outcome === 'taken') {
      lane.taken += missing.length;
      lane.at = lengthOf(port, author);
      return;
    }
    lane.bulk = false;
    lane.diverged = outcome === 'diverged';
    lane.over = lane.diverged;
    if (lane.over) return;
  }
  lane.joined ||= length > 0;
  await ingestion.take(missing, signal);
  lane.at = lengthOf(port, author);
  lane.over = lane.at <= length;
}

/**
 * Takes messages at the end of our chain without looking at their signatures, if with them the chain leads to the signed
 * head. `diverged`: our chain without them does not. `unfit`: they do not, so each must speak for itself.
 */
async function takeVouched(
  { source, intake }: CatchUpPort,
  asked: AskedPeer,
  signed: Head,
  wires: readonly Uint8Array[],
): Promise<'taken' | 'diverged' | 'unfit'> {
  const frontier = source.tree(signed.author).frontier();
  const from = frontier.size;
  const before = frontier.root();
  const chunk = await intake.read(signed.author, from, wires);
  if (chunk === null) return 'unfit';
  for (const leaf of chunk.leaves) frontier.append(leaf);
  if (await leadsTo(asked, signed, frontier.size, frontier.root())) {
    await intake.append(chunk);
    return 'taken';
  }
  return from === 0 || (await leadsTo(asked, signed, from, before)) ? 'unfit' : 'diverged';
}

/** Whether the tree of this size and root is the beginning of the one that the head tells. */
async function leadsTo(asked: AskedPeer, head: Head, size: number, root: Uint8Array): Promise<boolean> {
  if (size === head.size) return equalBytes(root, head.root);
  const proof = await asked.consistency(head.author, size, head.size);
  return verifyConsistency({ from: size, fromRoot: root, to: head.size, toRoot: head.root, proof });
}

function lengthOf({ source }: CatchUpPort, author: MemberKey): number {
  return source.headOf(author)?.length ?? 0;
}
