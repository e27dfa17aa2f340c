import type { Timer } from '../../services/node/timer.ts';

/** Time that passes only when a test says so. */
export class ManualTimer implements Timer {
  #now = 0;
  readonly #waiting = new Set<{ readonly dueAt: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiter = {
        dueAt: this.#now + ms,
        wake: () => {
          this.#waiting.delete(waiter);
          signal.removeEventListener('abort', waiter.wake);
          resolve();
        },
      };
      this.#waiting.add(waiter);
      if (signal.aborted) waiter.wake();
      else signal.addEventListener('abort', waiter.wake, { once: true });
    });
  }

  /** Milliseconds that each waiter still has to wait. */
  waits(): number[] {
    return [...this.#waiting].map(({ dueAt }) => dueAt - this.#now);
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const { dueAt, wake } of [...this.#waiting]) if (dueAt <= this.#now) wake();
  }
}
