import { setTimeout as delay } from 'node:timers/promises';
import type { Outgoing, Transport } from '../transport.ts';
import { type Clock, type Rate, TokenBuckets } from './token-bucket.ts';

/** Messages waiting for one transport: 64 MiB at most. What does not fit is left to sync. */
const QUEUE_LIMIT = 1_024;

/** Well under what a neighbour accepts (network.ts), so that a bridge with a backlog does not look like a flood. */
const RATE: Rate = { perSecond: 250, burst: 1_000 };

/** `taken`: the transport has it. `dropped`: the queue was full. `failed`: the transport refused it for good. */
export type Outcome = 'taken' | 'dropped' | 'failed';

interface Waiting {
  readonly message: Outgoing;
  readonly done: (outcome: Outcome) => void;
}

/** Hands messages to one transport in order, so that a server that is away holds up nobody else. */
export class Outbox implements AsyncDisposable {
  readonly transport: Transport;
  readonly #queue: Waiting[] = [];
  readonly #pace: TokenBuckets;
  readonly #stop = new AbortController();
  #worker: Promise<void> | null = null;

  constructor(transport: Transport, clock: Clock) {
    this.transport = transport;
    this.#pace = new TokenBuckets(RATE, 1, clock);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Resolves when the transport has taken the message or never will. */
  put(message: Outgoing): Promise<Outcome> {
    if (this.#stop.signal.aborted || this.#queue.length >= QUEUE_LIMIT) return Promise.resolve('dropped');
    return new Promise((done) => {
      this.#queue.push({ message, done });
      this.#worker ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      next.done(await this.#hand(next.message));
    }
    this.#worker = null;
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
    await this.#worker;
  }
}
