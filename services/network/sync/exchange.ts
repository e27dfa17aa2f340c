import { OversightError } from '../../../protocols/base/errors.ts';
import { MEMBERS_LIMIT, SYNC_RANGE_LIMIT } from '../../../protocols/base/limits.ts';
import { Deadline, throwIfStopped } from '../deadline.ts';
import type { Decision, PeerRef, Transport } from '../transport.ts';
import { encodeRequest, parseHeads } from './protocol.ts';
import type { FeedHead, SyncSource } from './source.ts';

/** One answer, from request to end; a peer that trickles is left after this. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Messages with the inbox at once, handed over in order, so that the ledger can make many durable with one sync to disk. */
const INGEST_LIMIT = 64;
/** Rejected messages in one exchange before the peer is left. */
const REJECTS_LIMIT = 8;

export interface ExchangePort {
  readonly source: SyncSource;
  readonly request: Transport['request'];
  /** The same inbox that gossip goes through: nothing is trusted for having been asked for. */
  ingest(wire: Uint8Array, from: PeerRef): Promise<Decision>;
}

/** How an exchange went: messages taken, and feeds whose promised messages did not come or did not fit. */
export interface ExchangeResult {
  readonly fetched: number;
  readonly stuck: number;
}

/** A peer sent what no honest node sends. */
export class PeerGarbage extends OversightError {
  constructor(message: string) {
    super('peer-failed', message);
  }
}

/**
 * Fetches from one peer what it holds and we do not. spec 11-network §4.5: heads, then the missing ranges, feed by
 * feed, again as long as feeds grow, since one feed (an amendment) may make another acceptable.
 */
export async function exchange(
  port: ExchangePort,
  peer: PeerRef,
  { signal }: { readonly signal: AbortSignal },
): Promise<ExchangeResult> {
  const heads = await fetchHeads(port, peer, signal);
  const tally = { fetched: 0, rejected: 0 };
  let behind = heads.filter((head) => isBehind(port.source, head));
  for (let grew = true; grew && behind.length > 0; ) {
    grew = false;
    for (const head of behind) {
      while (port.source.lengthOf(head.author) < head.length) {
        const from = port.source.lengthOf(head.author);
        await fetchRange(port, peer, head, from, tally, signal);
        if (port.source.lengthOf(head.author) <= from) break;
        grew = true;
      }
    }
    behind = behind.filter((head) => isBehind(port.source, head));
  }
  // a head we do not know below our own length is the other branch of a fork: its messages are the proof
  for (const head of behind) {
    const to = Math.min(head.length, port.source.lengthOf(head.author));
    if (to > 0) await fetchRange(port, peer, head, Math.max(0, to - SYNC_RANGE_LIMIT), tally, signal, to);
  }
  return { fetched: tally.fetched, stuck: behind.filter((head) => isBehind(port.source, head)).length };
}

function isBehind(source: SyncSource, head: FeedHead): boolean {
  return head.length > source.lengthOf(head.author) || (head.head !== null && !source.has(head.head));
}

async function fetchHeads(
  port: ExchangePort,
  peer: PeerRef,
  outer: AbortSignal,
): Promise<readonly FeedHead[]> {
  using deadline = new Deadline(REQUEST_TIMEOUT_MS, outer);
  const { signal } = deadline;
  const heads = new Map<string, FeedHead>();
  for await (const frame of port.request(peer, encodeRequest({ op: 'heads' }), { signal })) {
    const parsed = parseHeads(frame);
    if (!parsed.ok) throw new PeerGarbage(parsed.detail);
    for (const head of parsed.value) heads.set(head.author, head);
    if (heads.size > MEMBERS_LIMIT) throw new PeerGarbage('more heads than a charter has members');
  }
  return [...heads.values()];
}

async function fetchRange(
  port: ExchangePort,
  peer: PeerRef,
  head: FeedHead,
  from: number,
  tally: { fetched: number; rejected: number },
  outer: AbortSignal,
  to = Math.min(head.length, from + SYNC_RANGE_LIMIT),
): Promise<void> {
  using deadline = new Deadline(REQUEST_TIMEOUT_MS, outer);
  const { signal } = deadline;
  const request = encodeRequest({ op: 'range', author: head.author, from, to });
  const ingesting = new Set<Promise<void>>();
  let failure: Error | null = null;
  try {
    for await (const wire of port.request(peer, request, { signal })) {
      throwIfStopped(signal);
      const task = port
        .ingest(wire, peer)
        .then(
          (decision) => {
            if (decision === 'accept') tally.fetched += 1;
            if (decision === 'reject') tally.rejected += 1;
          },
          (error: unknown) => {
            failure = error instanceof Error ? error : new Error(String(error));
          },
        )
        .finally(() => ingesting.delete(task));
      ingesting.add(task);
      if (ingesting.size >= INGEST_LIMIT) await Promise.race(ingesting);
      if (failure !== null || tally.rejected >= REJECTS_LIMIT) break;
    }
  } finally {
    await Promise.all(ingesting);
  }
  if (failure !== null) throw failure;
  if (tally.rejected >= REJECTS_LIMIT)
    throw new PeerGarbage('the peer answers with messages that are refused');
}
