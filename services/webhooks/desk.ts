import { randomBytes } from 'node:crypto';
import { OversightError } from '../../protocols/base/errors.ts';
import { type EventFilter, eventFilter } from '../../protocols/events/index.ts';
import { Delivery } from './delivery.ts';
import type { DeadLetter, StoredSubscription, SubscriptionStore, WebhookSurroundings } from './ports.ts';
import { newSecret, parseSecret } from './signature.ts';
import { checkTarget, parseTarget } from './target.ts';

/** Of one node: each is a reader of the log and a connection. */
const SUBSCRIPTIONS_LIMIT = 64;
/** Before a delivery that failed on our side is begun again. */
const PAUSE_MS = 30_000;

export interface NewSubscription {
  readonly url: string;
  readonly filter: EventFilter;
  /** Left out: one is made. */
  readonly secret?: string | undefined;
  /** Cursor to begin after. */
  readonly after: number;
}

/** A subscription without its secret. Times in milliseconds since 1970. */
export interface SubscriptionView {
  readonly id: string;
  readonly url: string;
  readonly filter: EventFilter;
  readonly createdAt: number;
  readonly cursor: number;
  readonly state: 'active' | 'gone';
  readonly failingSince: number | null;
  readonly attempts: number;
  readonly deadLetters: number;
}

/** The subscriptions of a node's owner, and a delivery for each at work. */
export class WebhookDesk implements AsyncDisposable {
  readonly #store: SubscriptionStore;
  readonly #node: WebhookSurroundings;
  readonly #work = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  #isClosed = false;

  constructor(store: SubscriptionStore, node: WebhookSurroundings) {
    this.#store = store;
    this.#node = node;
  }

  /** Takes up where the last process left off. */
  start(): void {
    for (const { id, state } of this.#store.list()) if (state === 'active') this.#begin(id);
  }

  list(): readonly SubscriptionView[] {
    return this.#store.list().map((each) => this.#viewOf(each));
  }

  /** @returns it, with its secret @throws OversightError `request-refused`, `argument-invalid` */
  async add({ url: text, filter, secret = newSecret(), after }: NewSubscription) {
    if (parseSecret(secret) === null)
      throw new OversightError('argument-invalid', 'A secret is whsec_ and base64 of 24 to 64 bytes.');
    const parsed = parseTarget(text, this.#node.rules);
    const target = parsed.ok ? await checkTarget(parsed.value, this.#node.rules) : parsed;
    if (!target.ok) {
      const { reason, detail } = target;
      throw new OversightError('request-refused', `${reason}: ${detail}`, { details: { reason } });
    }
    if (this.#store.list().length >= SUBSCRIPTIONS_LIMIT) {
      throw new OversightError('request-refused', 'This node has as many subscriptions as it may.', {
        details: { reason: 'too-many' },
      });
    }
    const stored: StoredSubscription = {
      id: `sub_${randomBytes(12).toString('hex')}`,
      url: target.value.href,
      filter: JSON.stringify(filter),
      secret,
      createdAt: this.#node.clock.now(),
      cursor: after,
      state: 'active',
      failingSince: null,
      attempts: 0,
    };
    this.#store.add(stored);
    this.#begin(stored.id);
    return { ...this.#viewOf(stored), secret };
  }

  /** @throws OversightError `not-found` */
  async remove(id: string): Promise<void> {
    this.#of(id);
    await this.#end(id);
    this.#store.remove(id);
  }

  /** Sends again what is after this cursor. @throws OversightError `not-found` */
  async replay(id: string, after: number): Promise<SubscriptionView> {
    this.#of(id);
    await this.#end(id);
    this.#store.rewind(id, after);
    this.#begin(id);
    return this.#viewOf(this.#of(id));
  }

  /** @throws OversightError `not-found` */
  dead(id: string, after: number, limit: number): readonly DeadLetter[] {
    this.#of(id);
    return this.#store.dead(id, after, limit);
  }

  #of(id: string): StoredSubscription {
    const found = this.#store.list().find((each) => each.id === id);
    if (found === undefined) throw new OversightError('not-found', 'This node has no such subscription.');
    return found;
  }

  #viewOf({ secret: _, filter, ...stored }: StoredSubscription): SubscriptionView {
    return {
      ...stored,
      filter: eventFilter.parse(JSON.parse(filter)),
      deadLetters: this.#store.deadCount(stored.id),
    };
  }

  #begin(id: string): void {
    if (this.#isClosed || this.#work.has(id)) return;
    const stop = new AbortController();
    this.#work.set(id, { stop, done: this.#run(id, stop.signal) });
  }

  async #run(id: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const stored = this.#of(id);
        const read = { url: new URL(stored.url), filter: eventFilter.parse(JSON.parse(stored.filter)) };
        return await new Delivery({ ...stored, ...read }, this.#store, this.#node).run(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#node.onFault(error);
        await this.#node.timer.wait(PAUSE_MS, signal);
      }
    }
  }

  async #end(id: string): Promise<void> {
    const work = this.#work.get(id);
    work?.stop.abort();
    await work?.done;
    this.#work.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#work.keys()].map((id) => this.#end(id)));
  }
}
