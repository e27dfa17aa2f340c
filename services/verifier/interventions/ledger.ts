import { OversightError } from '../../../protocols/base/errors.ts';

/**
 * Counts where an edit was applied, row by row. Positions of a row must rise, so a second application at one position is
 * seen at once; the total is compared with what the declaration asks for when the row is done.
 */
export class HookLedger {
  readonly #rows = new Map<number, { applied: number; last: number }>();

  /** @throws OversightError `hook-misfired` when this row's position, or a later one, was edited before. */
  record(row: number, position: number): void {
    const seen = this.#rows.get(row);
    if (seen === undefined) this.#rows.set(row, { applied: 1, last: position });
    else {
      if (position <= seen.last) throw misfired(`row ${row} was edited twice at position ${position}`);
      seen.applied++;
      seen.last = position;
    }
  }

  /** The row's count. @throws OversightError `hook-misfired` unless it is exactly what was declared. */
  settle(row: number, expected: number): number {
    const applied = this.#rows.get(row)?.applied ?? 0;
    if (applied !== expected)
      throw misfired(`row ${row} was edited at ${applied} positions, declared are ${expected}`);
    return applied;
  }
}

function misfired(message: string): OversightError {
  return new OversightError('hook-misfired', message);
}
