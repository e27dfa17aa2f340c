import { OversightError } from '../../../protocols/base/errors.ts';

/**
 * Counts where something declared was done: hooks that change, hooks that read, side paths of weights, row by row.
 * Positions must rise, so a second application at one position is seen at once; the total is compared with what the
 * declaration asks for when the row is done.
 */
export class HookLedger {
  readonly #counts = new Map<string, { applied: number; last: number }>();

  /** @throws OversightError `hook-misfired` when this position of the row, or a later one, was reached before. */
  record(row: number, what: string, position: number): void {
    const key = `${row} ${what}`;
    const seen = this.#counts.get(key);
    if (seen === undefined) this.#counts.set(key, { applied: 1, last: position });
    else {
      if (position <= seen.last) throw misfired(`row ${row}: ${what} came twice to position ${position}`);
      seen.applied++;
      seen.last = position;
    }
  }

  /** The count. @throws OversightError `hook-misfired` unless it is exactly what was declared. */
  settle(row: number, what: string, expected: number): number {
    const applied = this.#counts.get(`${row} ${what}`)?.applied ?? 0;
    if (applied !== expected)
      throw misfired(`row ${row}: ${what} came to ${applied} positions, declared are ${expected}`);
    return applied;
  }
}

function misfired(message: string): OversightError {
  return new OversightError('hook-misfired', message);
}
