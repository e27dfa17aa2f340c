import type { Interval } from './interval.ts';
import type { Random } from './random.ts';

/** spec 07-verdict §9.2 */
const RESAMPLES = 2_000;
/** Resamples beyond each bound: one in twenty. */
const BEYOND = RESAMPLES / 20;

/** Mean of `values` weighted by `weights`, with the bounds of its percentile bootstrap over the items. Null without items. */
export function weightedMean(
  values: readonly number[],
  weights: readonly number[],
  random: Random,
): Interval | null {
  const n = values.length;
  if (n === 0) return null;
  const value = meanOf(values, weights, (i) => i);
  const means = Float64Array.from({ length: RESAMPLES }, () =>
    meanOf(values, weights, () => random.below(n)),
  );
  means.sort();
  return {
    value,
    low: Math.min(value, means[BEYOND - 1] as number),
    high: Math.max(value, means[RESAMPLES - BEYOND] as number),
  };
}

function meanOf(values: readonly number[], weights: readonly number[], pick: (i: number) => number): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const at = pick(i);
    sum += (values[at] as number) * (weights[at] as number);
    total += weights[at] as number;
  }
  return sum / total;
}
