import type { ForcedRow } from '../engine/score.ts';
import { logProbOf } from './log-probs.ts';

/** Adds up the log-probabilities of the tokens that forced rows go on with. */
export class LogProbSums {
  readonly #rows: readonly ForcedRow[];
  readonly #sums: Float64Array;

  constructor(rows: readonly ForcedRow[]) {
    this.#rows = rows;
    this.#sums = new Float64Array(rows.length);
  }

  add(row: number, position: number, logits: Float32Array): void {
    this.#sums[row] = (this.#sums[row] as number) + logProbOf(logits, nextToken(this.#row(row), position));
  }

  /** Nats of a whole continuation. */
  of(row: number): number {
    return this.#sums[row] as number;
  }

  tokens(row: number): number {
    const { from, to } = this.#row(row);
    return to - from;
  }

  #row(row: number): ForcedRow {
    return this.#rows[row] as ForcedRow;
  }
}

/** The token that stands after a position. */
export function nextToken({ prompt, continuation }: ForcedRow, position: number): number {
  const at = position + 1;
  return (at < prompt.length ? prompt[at] : continuation[at - prompt.length]) as number;
}
