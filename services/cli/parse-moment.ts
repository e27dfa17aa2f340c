import { InvalidArgumentError } from 'commander';

/** A date or a time in UTC -> milliseconds since 1970; of a date its first moment. */
export function parseMoment(text: string): number {
  const at = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/.test(text) && at >= 0) return at;
  throw new InvalidArgumentError('Give a time in UTC, such as 2026-11-21 or 2026-11-21T14:03:00Z.');
}
