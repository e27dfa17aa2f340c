import type { EventFilter } from '../../protocols/events/index.ts';

/** A webhook of the node's owner, without its secret. Times in milliseconds since 1970. */
export interface SubscriptionSummary {
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

export interface DeadLetterSummary {
  readonly cursor: number;
  readonly type: string;
  readonly failedAt: number;
  readonly attempts: number;
  readonly reason: string;
}

/** The webhooks of a node. Every method but `list` and `add` throws OversightError `not-found`. */
export interface Subscriptions {
  list(): readonly SubscriptionSummary[];
  /** @throws OversightError `request-refused`, `argument-invalid` */
  add(subscription: {
    readonly url: string;
    readonly filter: EventFilter;
    readonly secret?: string | undefined;
    readonly after: number;
  }): Promise<SubscriptionSummary & { readonly secret: string }>;
  remove(id: string): Promise<void>;
  replay(id: string, after: number): Promise<SubscriptionSummary>;
  dead(id: string, after: number, limit: number): readonly DeadLetterSummary[];
}
