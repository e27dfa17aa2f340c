import { setTimeout as delay } from 'node:timers/promises';
import type { Outgoing, Transport } from '../transport.ts';
import { FairQueue } from './fair-queue.ts';
import { type Clock, type Rate, TokenBuckets } from './token-bucket.ts';

/** Messages waiting for one transport: 64 MiB at most. What does not fit is left to sync. */
const QUEUE_LIMIT = 1_024;

/** Well under what a neighbour accepts (network.ts), so that a bridge with a backlog does not look like a flood. */
const RATE: Rate = { perSecond: 250, burst: 1_000 };

/** `taken`: the transport has it. `dropped`: the queue was full. `failed`: the transport refused it for good. */
export type Outcome = 'taken' | 'dropped' | 'failed';

/**
 * Hands messages to one transport, one at a time, so that a server that is away holds up nobody else. Authors take turns:
 * who floods waits in its own line, and when all are full it is the longest line that gives up its newest.
 */
export class Outbox implements AsyncDisposable {
  readonly transport: Transport;
  readonly #lines = new FairQueue({ atWork: 1, waiting: QUEUE_LIMIT });
  readonly #pace: TokenBuckets;
  readonly #stop = new AbortController();
  readonly #pending = new Set<Promise<Outcome>>();

  constructor(transport: Transport, clock: Clock) {
    this.transport = transport;
    this.#pace = new TokenBuckets(RATE, 1, clock);
  }

  get waiting(): number {
    return this.#lines.waiting;
  }

  /** Resolves when the transport has taken the message or never will. */
  put(message: Outgoing): Promise<Outcome> {
    if (this.#stop.signal.aborted) return Promise.resolve('dropped');
    const done = this.#lines
      .run(message.author, () => this.#hand(message))
      .then((outcome) => outcome ?? 'dropped')
      .finally(() => this.#pending.delete(done));
    this.#pending.add(done);
    return done;
  }

  async #hand(message: Outgoing): Promise<Outcome> {
    const { signal } = this.#stop;
    while (!this.transport.paced && !signal.aborted && !this.#pace.take(this.transport.name)) {
      await delay(1_000 / RATE.perSecond, undefined, { signal }).catch(() => {});
    }
    if (signal.aborted) return 'dropped';
    try {
      await this.transport.publish(message, { signal });
      return 'taken';
    } catch {
      return signal.aborted ? 'dropped' : 'failed';
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#pending);
  }
}
