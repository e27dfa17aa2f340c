import { describe, expect, it } from 'vitest';
import {
  addMonths,
  dayOf,
  daysIn,
  endOf,
  formatDay,
  parseDay,
  startOf,
} from '../../../protocols/oversight/index.ts';

const DAY_MS = 86_400_000;
/** Day numbers of 1 January 1890 and 2110: a century that is no leap year on either side of one that is. */
const FIRST = Date.UTC(1890, 0, 1) / DAY_MS;
const LAST = Date.UTC(2110, 0, 1) / DAY_MS;

describe('a calendar day', () => {
  it('is that of the platform, every day of 220 years', () => {
    const wrong: string[] = [];
    for (let day = FIRST; day < LAST; day++) {
      const text = new Date(day * DAY_MS).toISOString().slice(0, 10);
      if (formatDay(day) !== text || parseDay(text) !== day) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });

  it('has as many days a month as the platform says', () => {
    for (let year = 1890; year < 2110; year++)
      for (let month = 1; month <= 12; month++)
        expect(daysIn(year, month), `${year}-${month}`).toBe(new Date(Date.UTC(year, month, 0)).getUTCDate());
  });

  it('begins where clocks ahead of UTC say so', () => {
    const at = Date.UTC(2026, 1, 28, 23, 30);
    expect(formatDay(dayOf(at, 0))).toBe('2026-02-28');
    expect(formatDay(dayOf(at, 29))).toBe('2026-02-28');
    expect(formatDay(dayOf(at, 30))).toBe('2026-03-01');
    expect(formatDay(dayOf(at, -720))).toBe('2026-02-28');
    expect(formatDay(dayOf(Date.UTC(2026, 0, 1, 4, 59), -300))).toBe('2025-12-31');
    expect(formatDay(dayOf(-1, 0))).toBe('1969-12-31');
  });

  it('holds its first moment and not its end, in every offset', () => {
    for (let offset = -720; offset <= 840; offset += 15)
      for (const day of [-1, 0, parseDay('2026-02-28'), parseDay('2028-02-29')]) {
        expect(dayOf(startOf(day, offset), offset)).toBe(day);
        expect(dayOf(endOf(day, offset) - 1, offset)).toBe(day);
        expect(dayOf(endOf(day, offset), offset)).toBe(day + 1);
      }
  });
});

describe('months later', () => {
  it.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2028-01-31', 1, '2028-02-29'],
    ['2026-01-31', 2, '2026-03-31'],
    ['2026-11-30', 3, '2027-02-28'],
    ['2027-11-30', 3, '2028-02-29'],
    ['2026-08-31', 3, '2026-11-30'],
    ['2026-12-15', 1, '2027-01-15'],
    ['2028-02-29', 12, '2029-02-28'],
    ['2028-02-29', 48, '2032-02-29'],
    ['1899-11-29', 3, '1900-02-28'],
    ['2026-05-31', 0, '2026-05-31'],
  ])('%s and %i', (from, months, to) => {
    expect(formatDay(addMonths(parseDay(from), months))).toBe(to);
  });

  it('are the same day or the last of the month, for every day of 220 years and up to a year', () => {
    const wrong: string[] = [];
    for (let day = FIRST; day < LAST; day++) {
      const [year, month, date] = formatDay(day).split('-').map(Number) as [number, number, number];
      for (let months = 0; months <= 12; months++) {
        // step by step, without a formula
        let [y, m] = [year, month];
        for (let i = 0; i < months; i++) [y, m] = m === 12 ? [y + 1, 1] : [y, m + 1];
        const last = new Date(Date.UTC(y, m, 0)).getUTCDate();
        if (addMonths(day, months) !== Date.UTC(y, m - 1, Math.min(date, last)) / DAY_MS)
          wrong.push(`${formatDay(day)} and ${months}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
