import { readFileSync } from 'node:fs';
import { pickBelow } from '../seed.ts';

export type Random = () => number;

/** A decoder, or several over one kind of input, and what must hold for whatever they are given. */
export interface FuzzTarget {
  /** The exported functions it drives, as `path#name`. */
  readonly drives: readonly string[];
  /**
   * Judges one mutated input. Throws where a promise is broken: an exception that is none of the documented ones, an
   * accepted mutation, a second spelling. True when the input was accepted.
   */
  run(random: Random): boolean | Promise<boolean>;
  /** False where no mutation can be accepted, because everything in the input is signed or hashed. */
  readonly accepts: boolean;
}

export function oneOf<T>(items: readonly T[], random: Random): T {
  return items[pickBelow(random, items.length)] as T;
}

export function vectors<T>(file: string): T {
  return JSON.parse(
    readFileSync(new URL(`../../../protocols/vectors/${file}`, import.meta.url), 'utf8'),
  ) as T;
}

/** The promise of `accepted implies one spelling`. */
export function mustBe(actual: string, expected: string, what: string): void {
  if (actual === expected) return;
  throw new Error(`${what}: ${actual.slice(0, 400)} where the input was ${expected.slice(0, 400)}`);
}

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
