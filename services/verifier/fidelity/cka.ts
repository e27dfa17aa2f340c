import type { PairStatistic } from './comparison.ts';
import { centre, products, type Rows } from './rows.ts';

/**
 * cka/1: linear centred kernel alignment (Kornblith et al. 2019) with the unbiased estimate of HSIC (Song et al. 2012,
 * eq. 5): without it, few items in wide models look alike whatever they are.
 */
export function cka(source: Rows, target: Rows): PairStatistic {
  const { count } = source;
  // subtracting the mean row changes no estimate and keeps the sums small
  const [a, b] = [products(centre(source)), products(centre(target))];
  const all = Int32Array.from({ length: count }, (_, i) => i);
  const ownProduct = hsic(a, a, count, all, all) * hsic(b, b, count, all, all);
  return {
    count,
    of: (items) =>
      hsic(a, b, count, items, items) /
      Math.sqrt(hsic(a, a, count, items, items) * hsic(b, b, count, items, items)),
    shuffled: (order) => hsic(a, b, count, all, order) / Math.sqrt(ownProduct),
  };
}

/** Up to the factor 1 / (n (n - 3)), which cancels. The diagonals do not count. */
function hsic(a: Float64Array, b: Float64Array, stride: number, left: Int32Array, right: Int32Array): number {
  const n = left.length;
  const rowsA = new Float64Array(n);
  const rowsB = new Float64Array(n);
  let trace = 0;
  for (let i = 1; i < n; i++) {
    const rowA = (left[i] as number) * stride;
    const rowB = (right[i] as number) * stride;
    for (let j = 0; j < i; j++) {
      const x = a[rowA + (left[j] as number)] as number;
      const y = b[rowB + (right[j] as number)] as number;
      trace += 2 * x * y;
      rowsA[i] = (rowsA[i] as number) + x;
      rowsA[j] = (rowsA[j] as number) + x;
      rowsB[i] = (rowsB[i] as number) + y;
      rowsB[j] = (rowsB[j] as number) + y;
    }
  }
  let [sumA, sumB, cross] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    sumA += rowsA[i] as number;
    sumB += rowsB[i] as number;
    cross += (rowsA[i] as number) * (rowsB[i] as number);
  }
  return trace + (sumA * sumB) / ((n - 1) * (n - 2)) - (2 * cross) / (n - 2);
}
