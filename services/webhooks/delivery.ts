import { messageOf } from '../../protocols/base/errors.ts';
import type { CloudEvent } from '../../protocols/events/index.ts';
import type { DeliveryStore, Subscription, WebhookSurroundings } from './ports.ts';
import { type Answer, Post } from './post.ts';
import { retryMs } from './retry.ts';
import { parseSecret, signedHeaders } from './signature.ts';

/** spec 09-events §7 */
export const GIVE_UP_MS = 3 * 86_400_000;
/** The subscriber wants no more. */
const GONE = 410;

/** Why an event was not taken. */
interface Failure {
  /** A status, or the code of what went wrong. */
  readonly reason: string;
  readonly answer: Answer | null;
}

/** Serves one subscription, one event at a time, until the signal aborts or the subscriber has gone. */
export class Delivery {
  readonly #subscription: Subscription;
  readonly #store: DeliveryStore;
  readonly #node: WebhookSurroundings;
  readonly #key: Buffer;
  #failingSince: number | null;
  #attempts: number;

  constructor(subscription: Subscription, store: DeliveryStore, node: WebhookSurroundings) {
    const key = parseSecret(subscription.secret);
    if (key === null) throw new TypeError('a stored secret is none');
    this.#subscription = subscription;
    this.#store = store;
    this.#node = node;
    this.#key = key;
    this.#failingSince = subscription.failingSince;
    this.#attempts = subscription.attempts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { cursor, filter, url } = this.#subscription;
    using post = new Post(url, this.#node.rules);
    for await (const event of this.#node.events(cursor, filter, { signal })) {
      const isServed = await this.#serve(event, post, signal);
      if (!isServed) return;
    }
  }

  /** @returns whether the next event is to be sent */
  async #serve(event: CloudEvent, post: Post, signal: AbortSignal): Promise<boolean> {
    const { id } = this.#subscription;
    while (!signal.aborted) {
      const failure = await this.#try(event, post, signal);
      if (signal.aborted) return false; // whatever came of it: it is sent again
      if (failure === null) {
        this.#failingSince = null;
        this.#attempts = 0;
        this.#store.advance(id, Number(event.id));
        return true;
      }
      if (failure.answer?.status === GONE) {
        this.#store.setGone(id);
        return false;
      }
      if (this.#isGivenUp(event, failure.reason)) return true;
      const waitMs = retryMs(this.#attempts, failure.answer, this.#node.clock.now());
      await this.#node.timer.wait(waitMs, signal);
    }
    return false;
  }

  /** @returns null where it was taken */
  async #try(event: CloudEvent, post: Post, signal: AbortSignal): Promise<Failure | null> {
    const body = JSON.stringify(event);
    const signed = signedHeaders(this.#key, { id: `evt_${event.id}`, body, atMs: this.#node.clock.now() });
    const headers = { ...signed, 'content-type': 'application/cloudevents+json; charset=utf-8' };
    try {
      const answer = await post.send(headers, body, { signal });
      const isTaken = answer.status >= 200 && answer.status < 300;
      this.#node.count(isTaken ? 'delivered' : 'refused');
      return isTaken ? null : { reason: String(answer.status), answer };
    } catch (error) {
      if (!signal.aborted) this.#node.count('unreachable');
      const reason = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
      return { reason, answer: null };
    }
  }

  #isGivenUp(event: CloudEvent, reason: string): boolean {
    const { id } = this.#subscription;
    const now = this.#node.clock.now();
    this.#failingSince ??= now;
    this.#attempts += 1;
    this.#store.fail(id, this.#failingSince, this.#attempts);
    // an event that came in the middle of an outage has its own three days
    if (now - Math.max(this.#failingSince, Date.parse(event.time)) < GIVE_UP_MS) return false;
    const cursor = Number(event.id);
    this.#store.bury(id, { cursor, type: event.type, failedAt: now, attempts: this.#attempts, reason });
    this.#node.count('given_up');
    return true;
  }
}
