import type { MemberKey } from '../../../protocols/base/ids.ts';
import type { PeerRef, Transport } from '../transport.ts';
import { AskedPeer } from './ask.ts';
import { catchUp } from './catch-up.ts';
import { compareFeeds } from './divergence.ts';
import { type Ingest, Ingestion } from './ingestion.ts';
import { type CatchUpPort, type Lane, laneOf, lengthOf } from './lane.ts';
import type { FeedHead } from './source.ts';

export interface ExchangePort extends CatchUpPort {
  readonly request: Transport['request'];
  readonly ingest: Ingest;
  /** Feeds that another exchange fetches now: each is fetched from one peer at a time. */
  readonly claimed: Set<MemberKey>;
}

/** How an exchange went. */
export interface ExchangeResult {
  /** What the peer says it holds. */
  readonly heads: readonly FeedHead[];
  /** Messages taken. */
  readonly fetched: number;
  /** Those of them that a signed head vouched for. */
  readonly vouched: number;
  /** Feeds of which the peer has more than it has given. */
  readonly stuck: number;
  /** Feeds left to another exchange that runs. */
  readonly skipped: number;
  /** Feeds whose author's quota is used up: the rest is fetched later. */
  readonly heldBack: number;
}

/**
 * Fetches from one peer what it holds and we do not: heads, then what is missing of each feed in turn, again as long as
 * feeds grow, since one feed (an amendment) may make another acceptable. spec 11-network §4.9
 */
export async function exchange(
  port: ExchangePort,
  peer: PeerRef,
  { signal }: { readonly signal: AbortSignal },
): Promise<ExchangeResult> {
  const asked = new AskedPeer(peer, port.request, signal);
  const ingestion = new Ingestion(port.ingest, peer);
  const heads = await asked.heads();
  const mine = new Set<MemberKey>();
  const lanes = new Map<MemberKey, Lane>();
  let skipped = 0;
  let vouched = 0;
  try {
    for (let grew = true; grew; ) {
      const before = new Map(heads.map(({ author }) => [author, lengthOf(port, author)]));
      const wanted = heads.filter((head) => isWanted(port, head));
      const free = wanted.filter(({ author }) => mine.has(author) || !port.claimed.has(author));
      skipped = wanted.length - free.length;
      for (const { author } of free) {
        mine.add(author);
        port.claimed.add(author);
      }
      const round = free.map((head) => laneOf(port, head));
      for (const lane of round) {
        lane.joined = lanes.get(lane.head.author)?.joined ?? false;
        lanes.set(lane.head.author, lane);
      }
      await catchUp(port, asked, ingestion, round, signal);
      vouched += round.reduce((sum, { taken }) => sum + taken, 0);
      grew = round.some(({ head: { author } }) => lengthOf(port, author) > (before.get(author) as number));
    }
  } finally {
    for (const author of mine) port.claimed.delete(author);
  }
  for (const head of heads) {
    if (!port.intake.admits(head.author)) continue;
    await compareFeeds(port, asked, ingestion, lanes.get(head.author) ?? laneOf(port, head), signal);
  }
  const left = heads.filter((head) => isWanted(port, head));
  const heldBack = left.filter(({ author }) => port.intake.allowance(author) === 0).length;
  const stuck = Math.max(0, left.length - heldBack - skipped);
  return { heads, fetched: ingestion.accepted + vouched, vouched, stuck, skipped, heldBack };
}

/** A feed whose fork is proven counts for nothing from there on, so nothing more of it is fetched. */
function isWanted({ source, intake }: ExchangePort, { author, length }: FeedHead): boolean {
  const own = source.headOf(author);
  return intake.admits(author) && own?.fork == null && length > (own?.length ?? 0);
}
