import { setTimeout as delay } from 'node:timers/promises';
import { throwIfCancelled } from './failures.ts';

export interface PaceClock {
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** Rejects when the signal aborts. */
  readonly wait: (ms: number, options: { readonly signal: AbortSignal }) => Promise<void>;
}

const systemClock: PaceClock = {
  now: () => performance.now(),
  wait: (ms, options) => delay(ms, undefined, options),
};

/** A bandwidth: bytes a second for all that take from it together, first come, first served. */
export class Pace {
  readonly #bytesPerMs: number;
  readonly #clock: PaceClock;
  /** When all that was taken so far has gone through. */
  #freeAtMs = 0;

  constructor(bytesPerSecond: number, clock: PaceClock = systemClock) {
    this.#bytesPerMs = bytesPerSecond / 1_000;
    this.#clock = clock;
  }

  /** How long whoever comes now has to wait. */
  get waitMs(): number {
    return Math.max(0, this.#freeAtMs - this.#clock.now());
  }

  /** Waits for all that came before; the bytes themselves hold up whoever comes next. */
  async take(bytes: number, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    throwIfCancelled(signal);
    const { waitMs } = this;
    this.#freeAtMs = this.#clock.now() + waitMs + bytes / this.#bytesPerMs;
    if (waitMs === 0) return;
    try {
      await this.#clock.wait(waitMs, { signal });
    } catch {
      this.giveBack(bytes);
      throwIfCancelled(signal);
    }
  }

  /** Of bytes that were taken and did not go through. */
  giveBack(bytes: number): void {
    this.#freeAtMs -= bytes / this.#bytesPerMs;
  }
}
