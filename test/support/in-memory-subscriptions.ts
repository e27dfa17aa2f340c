import { OversightError } from '../../protocols/base/errors.ts';
import type { DeadLetterSummary, SubscriptionSummary, Subscriptions } from '../../services/gateway/index.ts';

/** Subscriptions that nobody serves, for what stands in front of a node. */
export class InMemorySubscriptions implements Subscriptions {
  readonly #all = new Map<string, SubscriptionSummary>();
  #made = 0;

  list(): readonly SubscriptionSummary[] {
    return [...this.#all.values()];
  }

  async add({
    url,
    filter,
    after,
    secret = 'whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw',
  }: Parameters<Subscriptions['add']>[0]) {
    if (!url.startsWith('https://')) {
      throw new OversightError('request-refused', 'not https', { details: { reason: 'url-invalid' } });
    }
    const id = `sub_${++this.#made}`;
    const made = { id, url, filter, createdAt: 1_790_000_000_000, cursor: after };
    const added = { ...made, state: 'active', failingSince: null, attempts: 0, deadLetters: 0 } as const;
    this.#all.set(id, added);
    return { ...added, secret };
  }

  async remove(id: string): Promise<void> {
    this.#of(id);
    this.#all.delete(id);
  }

  async replay(id: string, after: number): Promise<SubscriptionSummary> {
    const rewound = { ...this.#of(id), cursor: after };
    this.#all.set(id, rewound);
    return rewound;
  }

  dead(id: string): readonly DeadLetterSummary[] {
    this.#of(id);
    return [
      {
        cursor: 7,
        type: 'org.analog-oversight.finding.published',
        failedAt: 1_790_000_000_000,
        attempts: 152,
        reason: '500',
      },
    ];
  }

  #of(id: string): SubscriptionSummary {
    const found = this.#all.get(id);
    if (found === undefined) throw new OversightError('not-found', 'no such subscription');
    return found;
  }
}
