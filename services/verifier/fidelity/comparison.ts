import { type Chance, DRAWS, type Interval } from '../statistics/interval.ts';
import { jackknife } from '../statistics/jackknife.ts';
import type { Random } from '../statistics/random.ts';

/** A statistic of two models' rows for the same items, higher where the models are more alike. */
export interface PairStatistic {
  readonly count: number;
  /** Over some of the items. */
  of(items: Int32Array): number;
  /** Over all, with item i of the one model taken for item `order[i]` of the other. */
  shuffled(order: Int32Array): number;
}

/** spec 07-verdict §9.4 */
export function estimateStatistic(
  statistic: PairStatistic,
  random: Random,
): Interval & { readonly chance: Chance } {
  const interval = jackknife(statistic.count, (items) => statistic.of(items), random);
  let reached = 0;
  for (let draw = 0; draw < DRAWS; draw++)
    if (statistic.shuffled(random.permutation(statistic.count)) >= interval.value) reached++;
  return { ...interval, chance: { draws: DRAWS, reached } };
}
