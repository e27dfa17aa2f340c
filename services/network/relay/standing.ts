import { BoundedMap } from '../bounded-map.ts';
import type { Clock } from './token-bucket.ts';

/** Points a misdeed costs. */
const COST = {
  /** A message over its rate. Small: a neighbour may only be forwarding what others flood, and no honest burst is this long. */
  rate: 0.02,
  /** A message over its author's quota: at the pace at which an honest node hands out a backlog, as fast as it is forgiven. */
  quota: 0.004,
  /** A request over its rate. */
  request: 1,
  /** A message that no honest node forwards. */
  reject: 2,
  /** Heads that do not parse, frames over the limits: no honest node sends one. */
  garbage: 34,
} as const;
export type Offence = keyof typeof COST;

const LIMIT_POINTS = 100;
const FORGIVEN_PER_SECOND = 1;

/** Adds up what a peer did wrong; time forgives. */
export class Standing {
  readonly #clock: Clock;
  readonly #peers: BoundedMap<string, { points: number; atMs: number }>;

  constructor(peersLimit: number, clock: Clock) {
    this.#clock = clock;
    this.#peers = new BoundedMap(peersLimit);
  }

  /** True when this offence is the one too many; the account then starts anew. */
  offend(peer: string, offence: Offence): boolean {
    const now = this.#clock();
    const before = this.#peers.get(peer);
    const left =
      before === undefined
        ? 0
        : Math.max(0, before.points - ((now - before.atMs) / 1_000) * FORGIVEN_PER_SECOND);
    const points = left + COST[offence];
    if (points >= LIMIT_POINTS) {
      this.#peers.delete(peer);
      return true;
    }
    this.#peers.set(peer, { points, atMs: now });
    return false;
  }
}
