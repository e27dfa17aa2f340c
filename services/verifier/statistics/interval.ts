/** A number and bounds that are each passed by one in twenty. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How many of the random arrangements tried came at least as far. */
export interface Chance {
  readonly draws: number;
  readonly reached: number;
}

/** Random arrangements tried, so that the smallest share is one in a thousand. spec 07-verdict §9.3, §9.4 */
export const DRAWS = 999;
