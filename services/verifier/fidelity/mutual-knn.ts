import type { PairStatistic } from './comparison.ts';
import { normalise, products, type Rows } from './rows.ts';

/**
 * mutual-knn/1: the mean share of an item's k nearest others, by cosine, that are the same items in both models (Huh et al.
 * 2024, "The Platonic Representation Hypothesis", who take k = 10). Of others equally near the first counts.
 */
export function mutualKnn(source: Rows, target: Rows, { k }: { readonly k: number }): PairStatistic {
  const { count } = source;
  const [a, b] = [products(normalise(source)), products(normalise(target))];
  const all = Int32Array.from({ length: count }, (_, i) => i);
  const [nearA, nearB] = [neighbours(a, count, all, k), neighbours(b, count, all, k)];
  return {
    count,
    of: (items) => {
      const whole = items.length === count;
      const left = whole ? nearA : neighbours(a, count, items, k);
      const right = whole ? nearB : neighbours(b, count, items, k);
      return share(left, items.length, (i, near) => includes(right, k, i, near), k);
    },
    shuffled: (order) =>
      share(nearA, count, (i, near) => includes(nearB, k, order[i] as number, order[near] as number), k),
  };
}

/** Places in `items` of the k nearest of each, nearest first, [items, k]. */
function neighbours(cosines: Float64Array, stride: number, items: Int32Array, k: number): Int32Array {
  const near = new Int32Array(items.length * k);
  const best = new Float64Array(k);
  for (let i = 0; i < items.length; i++) {
    const row = (items[i] as number) * stride;
    const places = near.subarray(i * k, (i + 1) * k);
    best.fill(Number.NEGATIVE_INFINITY);
    for (let j = 0; j < items.length; j++)
      if (j !== i) insert(best, places, cosines[row + (items[j] as number)] as number, j);
  }
  return near;
}

/** Puts an item among the best, after those equally good that came before it. */
function insert(best: Float64Array, places: Int32Array, cosine: number, place: number): void {
  let rank = best.length;
  while (rank > 0 && cosine > (best[rank - 1] as number)) rank--;
  if (rank === best.length) return;
  best.copyWithin(rank + 1, rank);
  places.copyWithin(rank + 1, rank);
  best[rank] = cosine;
  places[rank] = place;
}

function share(
  near: Int32Array,
  items: number,
  isShared: (item: number, neighbour: number) => boolean,
  k: number,
): number {
  let shared = 0;
  for (let i = 0; i < items; i++)
    for (let rank = 0; rank < k; rank++) if (isShared(i, near[i * k + rank] as number)) shared++;
  return shared / (items * k);
}

function includes(near: Int32Array, k: number, item: number, neighbour: number): boolean {
  for (let rank = 0; rank < k; rank++) if (near[item * k + rank] === neighbour) return true;
  return false;
}
