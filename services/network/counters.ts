/** What the network counts; every name is a metric label, so the list is closed. */
export const NETWORK_COUNTS = [
  'blocked',
  'duplicate',
  'published',
  'publish_dropped',
  'publish_failed',
  'received_accept',
  'received_failed',
  'received_ignore',
  'received_reject',
  'refused_oversize',
  'refused_rate',
  'refused_requests',
  'shed_over_quota',
  'shed_queue_full',
  'sync_exchanges',
  'sync_failed',
  'sync_fetched',
  'sync_garbage',
  'sync_held_back',
  'sync_served',
  'sync_stuck',
  'sync_vouched',
] as const;
export type NetworkCount = (typeof NETWORK_COUNTS)[number];

export class Counters {
  readonly #counts = new Map<NetworkCount, number>(NETWORK_COUNTS.map((name) => [name, 0]));

  add(name: NetworkCount, count = 1): void {
    this.#counts.set(name, this.get(name) + count);
  }

  get(name: NetworkCount): number {
    return this.#counts.get(name) ?? 0;
  }

  snapshot(): Readonly<Record<NetworkCount, number>> {
    return Object.fromEntries(this.#counts) as Record<NetworkCount, number>;
  }
}
