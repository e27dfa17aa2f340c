import { throwIfStopped } from '../deadline.ts';
import type { Decision, PeerRef } from '../transport.ts';
import { PeerGarbage } from './ask.ts';

/** Messages with the inbox at once, handed over in order, so that the ledger can make many durable with one sync to disk. */
const INGEST_LIMIT = 256;
/** Rejected messages in one exchange before the peer is left. */
const REJECTS_LIMIT = 8;

/** The inbox that gossip goes through: nothing is trusted for having been asked for. */
export type Ingest = (wire: Uint8Array, from: PeerRef) => Promise<Decision>;

/** Hands fetched messages to the inbox one by one, each with its signature to be checked. */
export class Ingestion {
  readonly #ingest: Ingest;
  readonly #peer: PeerRef;
  #accepted = 0;
  #rejected = 0;

  constructor(ingest: Ingest, peer: PeerRef) {
    this.#ingest = ingest;
    this.#peer = peer;
  }

  /** Messages that were accepted, known ones among them. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Resolves when all have been judged. @throws PeerGarbage when too many are rejected */
  async take(wires: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    const judging = new Set<Promise<void>>();
    let failure: Error | null = null;
    try {
      for (const wire of wires) {
        throwIfStopped(signal);
        const task = this.#judge(wire)
          .catch((error: unknown) => {
            failure = error instanceof Error ? error : new Error(String(error));
          })
          .finally(() => judging.delete(task));
        judging.add(task);
        if (judging.size >= INGEST_LIMIT) await Promise.race(judging);
        if (failure !== null || this.#rejected >= REJECTS_LIMIT) break;
      }
    } finally {
      await Promise.all(judging);
    }
    if (failure !== null) throw failure;
    if (this.#rejected >= REJECTS_LIMIT)
      throw new PeerGarbage('the peer answers with messages that are refused');
  }

  async #judge(wire: Uint8Array): Promise<void> {
    const decision = await this.#ingest(wire, this.#peer);
    if (decision === 'accept') this.#accepted += 1;
    if (decision === 'reject') this.#rejected += 1;
  }
}
