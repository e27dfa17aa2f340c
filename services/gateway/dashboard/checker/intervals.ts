import { isRateAbove, isRateBelow } from '../../../../protocols/verdict/index.ts';

const MILLION = 1_000_000;
/** 2.5 % on each side. */
const ALPHA_PPM = 25_000;
/** A tenth of a percent: less than a pixel of the plot. */
const STEP_PPM = 1_000;
/** The exact sums take a tenth of a second there. */
const COUNT_LIMIT = 5_000;

export interface Rate {
  readonly k: number;
  readonly n: number;
}

/** Parts per million, both ends. */
export interface Interval {
  readonly lowPpm: number;
  readonly highPpm: number;
}

/** The exact 95 % interval of k of n (Clopper-Pearson), widened to whole steps; null where n is 0 or too large. */
export function intervalOf({ k, n }: Rate): Interval | null {
  if (n < 1 || n > COUNT_LIMIT || k < 0 || k > n) return null;
  const steps = MILLION / STEP_PPM;
  // both tests hold on one side of one point
  const high = k === n ? steps : firstOf(steps, (step) => isRateBelow(k, n, step * STEP_PPM, ALPHA_PPM));
  const low =
    k === 0 ? 0 : steps - firstOf(steps, (step) => isRateAbove(k, n, MILLION - step * STEP_PPM, ALPHA_PPM));
  return { lowPpm: low * STEP_PPM, highPpm: high * STEP_PPM };
}

/** The first step at which it holds, by halves; the last where it never does. */
function firstOf(steps: number, holds: (step: number) => boolean): number {
  let [from, to] = [0, steps];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
