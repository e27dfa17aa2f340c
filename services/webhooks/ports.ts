import type { CloudEvent, EventFilter } from '../../protocols/events/index.ts';
import type { TargetRules } from './target.ts';

/** A subscription as it is stored, read. */
export interface Subscription {
  readonly id: string;
  readonly url: URL;
  readonly filter: EventFilter;
  /** `whsec_…` */
  readonly secret: string;
  readonly cursor: number;
  readonly failingSince: number | null;
  readonly attempts: number;
}

/** An event that was given up. Times in milliseconds since 1970. */
export interface DeadLetter {
  readonly cursor: number;
  readonly type: string;
  readonly failedAt: number;
  readonly attempts: number;
  /** A status, or the code of what went wrong. */
  readonly reason: string;
}

/** Where progress is kept: what has returned survives a kill of the process. */
export interface DeliveryStore {
  advance(id: string, cursor: number): void;
  fail(id: string, failingSince: number, attempts: number): void;
  bury(id: string, dead: DeadLetter): void;
  setGone(id: string): void;
}

/** A stored subscription. */
export interface StoredSubscription extends Omit<Subscription, 'url' | 'filter'> {
  readonly url: string;
  /** JSON. */
  readonly filter: string;
  readonly createdAt: number;
  readonly state: 'active' | 'gone';
}

export interface SubscriptionStore extends DeliveryStore {
  list(): readonly StoredSubscription[];
  add(subscription: StoredSubscription): void;
  remove(id: string): void;
  rewind(id: string, cursor: number): void;
  dead(id: string, afterCursor: number, limit: number): readonly DeadLetter[];
  deadCount(id: string): number;
}

export const DELIVERY_COUNTS = ['delivered', 'refused', 'unreachable', 'given_up'] as const;
export type DeliveryCount = (typeof DELIVERY_COUNTS)[number];

/** What deliveries need of the node. */
export interface WebhookSurroundings {
  /** Events after the cursor that the filter wants, in order, then as they come, until the signal aborts. */
  events(
    afterCursor: number,
    filter: EventFilter,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<CloudEvent>;
  readonly rules: TargetRules;
  readonly clock: { now(): number };
  readonly timer: { wait(ms: number, signal: AbortSignal): Promise<void> };
  count(what: DeliveryCount): void;
  onFault(error: unknown): void;
}
