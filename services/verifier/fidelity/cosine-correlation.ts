import type { PairStatistic } from './comparison.ts';
import { centre, normalise, products, type Rows } from './rows.ts';

/**
 * cosine-correlation/1: Pearson's correlation, over all pairs of items, of the cosines between their rows in the one model
 * and in the other (Lee et al. 2025, arXiv 2503.21073, on unembeddings). The null of shuffled items is Mantel's test.
 */
export function cosineCorrelation(
  source: Rows,
  target: Rows,
  { centred }: { readonly centred: boolean },
): PairStatistic {
  const cosines = (rows: Rows) => products(normalise(centred ? centre(rows) : rows));
  const [a, b] = [cosines(source), cosines(target)];
  const { count } = source;
  return {
    count,
    of: (items) => pearson(a, b, count, items, items),
    shuffled: (order) => pearson(a, b, count, identity(count), order),
  };
}

/** Over the pairs i < j of `left` in `a` and of `right` in `b`. */
function pearson(
  a: Float64Array,
  b: Float64Array,
  stride: number,
  left: Int32Array,
  right: Int32Array,
): number {
  let [n, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  for (let i = 1; i < left.length; i++) {
    const rowA = (left[i] as number) * stride;
    const rowB = (right[i] as number) * stride;
    for (let j = 0; j < i; j++) {
      const x = a[rowA + (left[j] as number)] as number;
      const y = b[rowB + (right[j] as number)] as number;
      sumA += x;
      sumB += y;
      sumAA += x * x;
      sumBB += y * y;
      sumAB += x * y;
    }
    n += i;
  }
  const covariance = sumAB - (sumA * sumB) / n;
  return covariance / Math.sqrt((sumAA - sumA ** 2 / n) * (sumBB - sumB ** 2 / n));
}

function identity(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
