import type { Interval } from './interval.ts';
import type { Random } from './random.ts';

/** Groups that are left out in turn. spec 07-verdict §9.4 */
const GROUPS = 20;
/** One-sided 5 % point of Student's t with 19 degrees of freedom. */
const T_19_05 = 1.729132811521367;

/**
 * A statistic of `n` items with bounds from leaving out groups of them: for statistics of pairs of items, which a bootstrap
 * would bias by pairing an item with itself. spec 07-verdict §9.4
 */
export function jackknife(n: number, statistic: (items: Int32Array) => number, random: Random): Interval {
  const order = random.permutation(n);
  const groupOf = new Int32Array(n);
  for (const [i, item] of order.entries()) groupOf[item] = i % GROUPS;
  const all = Int32Array.from({ length: n }, (_, i) => i);
  const value = statistic(all);
  const without = Array.from({ length: GROUPS }, (_, group) =>
    statistic(all.filter((item) => groupOf[item] !== group)),
  );
  const mean = without.reduce((sum, each) => sum + each, 0) / GROUPS;
  const spread = without.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const margin = T_19_05 * Math.sqrt(((GROUPS - 1) / GROUPS) * spread);
  return { value, low: value - margin, high: value + margin };
}
