import { BoundedMap } from '../bounded-map.ts';

export interface Rate {
  readonly perSecond: number;
  /** What may come at once after a rest. */
  readonly burst: number;
}

/** Milliseconds that only grow. */
export type Clock = () => number;

/** One token bucket a key; a key that was forgotten starts full, so the map's limit is above the peers a node can have. */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #buckets: BoundedMap<string, { tokens: number; atMs: number }>;

  constructor(rate: Rate, keysLimit: number, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#buckets = new BoundedMap(keysLimit);
  }

  /** Takes a token, or returns false and takes none. */
  take(key: string): boolean {
    const now = this.#clock();
    const bucket = this.#buckets.get(key) ?? { tokens: this.#rate.burst, atMs: now };
    const refilled = bucket.tokens + ((now - bucket.atMs) / 1_000) * this.#rate.perSecond;
    const tokens = Math.min(refilled, this.#rate.burst);
    const granted = tokens >= 1;
    this.#buckets.set(key, { tokens: granted ? tokens - 1 : tokens, atMs: now });
    return granted;
  }
}
