import { pickBelow, randomFrom, shuffled } from '../support/seed.ts';

/** The choices of one round, or of the plan. The same seed gives the same choices in the same order. */
export class Draw {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** A round draws from a seed of its own, so that what one fault draws moves no later round; nor does what each publisher draws. */
  static ofRound(seed: number, round: number, drawer = 0): Draw {
    // 2^32 over the golden ratio, and a prime: neighbours lie far apart
    return new Draw(seed ^ Math.imul(round, 0x9e3779b1) ^ Math.imul(drawer, 0x85ebca6b));
  }

  /** An integer, both ends included. */
  between(least: number, most: number): number {
    return least + pickBelow(this.#random, most - least + 1);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[pickBelow(this.#random, items.length)] as T;
  }

  shuffled<T>(items: readonly T[]): T[] {
    return shuffled(items, this.#random);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => pickBelow(this.#random, 256));
  }
}
