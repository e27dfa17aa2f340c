/** A calendar day, counted from 1 January 1970 of the Gregorian calendar. */
export type Day = number;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The day of a moment where clocks are `offsetMinutes` ahead of UTC. @param atMs since 1970 */
export function dayOf(atMs: number, offsetMinutes: number): Day {
  return Math.floor((atMs + offsetMinutes * MINUTE_MS) / DAY_MS);
}

/** The first moment of the day, milliseconds since 1970. */
export function startOf(day: Day, offsetMinutes: number): number {
  return day * DAY_MS - offsetMinutes * MINUTE_MS;
}

/** The first moment after the day. */
export function endOf(day: Day, offsetMinutes: number): number {
  return startOf(day + 1, offsetMinutes);
}

/**
 * The same day so many months later; the last day of that month where it has no such day. Counted from the one day, not
 * month by month: 31 January and two months is 31 March. Regulation (EEC, Euratom) No 1182/71, Article 3(2)(c)
 */
export function addMonths(day: Day, months: number): Day {
  const { year, month, date } = civilOf(day);
  const at = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(at / 12), (((at % 12) + 12) % 12) + 1];
  return dayOfCivil(toYear, toMonth, Math.min(date, daysIn(toYear, toMonth)));
}

/** `YYYY-MM-DD` of a day. */
export function formatDay(day: Day): string {
  const { year, month, date } = civilOf(day);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`;
}

/** @param text `YYYY-MM-DD`, checked by its schema */
export function parseDay(text: string): Day {
  const [year = 1970, month = 1, date = 1] = text.split('-').map(Number);
  return dayOfCivil(year, month, date);
}

/** @param month 1 to 12 */
export function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Years begin in March here, so that the leap day is their last. */
function dayOfCivil(year: number, month: number, date: number): Day {
  const y = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - EPOCH;
}

/** Days from 1 March of year 0 to 1 January 1970. */
const EPOCH = 719_468;
const DAYS_OF_400_YEARS = 146_097;

function civilOf(day: Day): { readonly year: number; readonly month: number; readonly date: number } {
  const shifted = day + EPOCH;
  const era = Math.floor(shifted / DAYS_OF_400_YEARS);
  const inEra = shifted - era * DAYS_OF_400_YEARS;
  const yearOfEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const inYear = inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * inYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    date: inYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}
