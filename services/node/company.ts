import type { Timer } from './timer.ts';

/** How long a node has been without any neighbour. */
export class Company {
  readonly #count: () => number;
  readonly #timer: Pick<Timer, 'now'>;
  #aloneFrom: number;

  /** @param count neighbours that are connected */
  constructor(count: () => number, timer: Pick<Timer, 'now'>) {
    this.#count = count;
    this.#timer = timer;
    this.#aloneFrom = timer.now();
  }

  /** A neighbour came or went. */
  changed(): void {
    if (this.#count() === 0) this.#aloneFrom = this.#timer.now();
  }

  /** Milliseconds; null while there is a neighbour. */
  sinceMs(): number | null {
    return this.#count() > 0 ? null : this.#timer.now() - this.#aloneFrom;
  }
}
