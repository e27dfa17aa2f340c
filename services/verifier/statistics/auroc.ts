import { type Chance, DRAWS, type Interval } from './interval.ts';
import type { Random } from './random.ts';

/** One-sided 5 % point of the normal distribution. */
const Z_05 = 1.6448536269514722;
/** Halvings of an interval of length 1: to the last bit of a float64. */
const HALVINGS = 60;

/**
 * Area under the ROC curve: the share of pairs of a positive and a negative item in which the positive scores higher, ties
 * half; bounds by Newcombe's method 5 (Statistics in Medicine 25, 2006), which holds also where all pairs agree; and how
 * random labels do. Null without both kinds. spec 07-verdict §9.3
 */
export function auroc(
  scores: readonly number[],
  positive: readonly boolean[],
  random: Random,
): (Interval & { readonly chance: Chance }) | null {
  const ranks = midRanks(scores);
  const m = positive.filter(Boolean).length;
  const n = scores.length - m;
  if (m === 0 || n === 0) return null;
  const areaOf = (isPositive: (i: number) => boolean) => {
    let sum = 0;
    for (let i = 0; i < ranks.length; i++) if (isPositive(i)) sum += ranks[i] as number;
    return (sum - (m * (m + 1)) / 2) / (m * n); // Mann and Whitney's U
  };
  const value = areaOf((i) => positive[i] as boolean);
  let reached = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const order = random.permutation(scores.length);
    if (areaOf((i) => positive[order[i] as number] as boolean) >= value) reached++;
  }
  return { value, ...newcombe(value, m, n), chance: { draws: DRAWS, reached } };
}

/** 1 for the smallest; equal scores share the mean of their ranks. */
function midRanks(scores: readonly number[]): Float64Array {
  const order = scores.map((_, i) => i).sort((a, b) => (scores[a] as number) - (scores[b] as number));
  const ranks = new Float64Array(scores.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && scores[order[to] as number] === scores[order[from] as number]) to++;
    for (let i = from; i < to; i++) ranks[order[i] as number] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

function newcombe(value: number, m: number, n: number): { readonly low: number; readonly high: number } {
  const half = (m + n) / 2 - 1;
  const isInside = (t: number) => {
    const variance = (t * (1 - t) * (1 + half * ((1 - t) / (2 - t) + t / (1 + t)))) / (m * n);
    return Math.abs(t - value) <= Z_05 * Math.sqrt(variance);
  };
  return { low: edge(value, 0, isInside), high: edge(value, 1, isInside) };
}

/** Where `isInside` ends between `inner`, which is inside, and `outer`. */
function edge(inner: number, outer: number, isInside: (t: number) => boolean): number {
  let [inside, outside] = [inner, outer];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (inside + outside) / 2;
    if (isInside(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}
