import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cka } from '../../../services/verifier/fidelity/cka.ts';
import { estimateStatistic, type PairStatistic } from '../../../services/verifier/fidelity/comparison.ts';
import { cosineCorrelation } from '../../../services/verifier/fidelity/cosine-correlation.ts';
import { mutualKnn } from '../../../services/verifier/fidelity/mutual-knn.ts';
import type { Rows } from '../../../services/verifier/fidelity/rows.ts';
import { Random } from '../../../services/verifier/statistics/random.ts';

const random = (name: string) => new Random(createHash('sha256').update(name).digest());

/** Numbers between -1 and 1, rows of `width`. */
function drawn(name: string, count: number, width: number): number[][] {
  const source = random(name);
  return Array.from({ length: count }, () =>
    Array.from({ length: width }, () => (source.next() / 2 ** 31 - 1) * (1 + source.below(3))),
  );
}

const rowsOf = (rows: readonly (readonly number[])[]): Rows => ({
  count: rows.length,
  width: rows[0]?.length ?? 0,
  data: Float64Array.from(rows.flat()),
});

const dot = (x: readonly number[], y: readonly number[]) =>
  x.reduce((sum, a, i) => sum + a * (y[i] as number), 0);
const cosine = (x: readonly number[], y: readonly number[]) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
const meanOf = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const centred = (rows: readonly (readonly number[])[]) => {
  const mean = (rows[0] ?? []).map((_, j) => meanOf(rows.map((row) => row[j] as number)));
  return rows.map((row) => row.map((x, j) => x - (mean[j] as number)));
};

function naiveCorrelation(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const pairs = a.flatMap((_, i) => a.slice(0, i).map((__, j) => [i, j] as const));
  const x = pairs.map(([i, j]) => cosine(a[i] as number[], a[j] as number[]));
  const y = pairs.map(([i, j]) => cosine(b[i] as number[], b[j] as number[]));
  const [mx, my] = [meanOf(x), meanOf(y)];
  return cosine(
    x.map((each) => each - mx),
    y.map((each) => each - my),
  );
}

function naiveKnn(a: readonly (readonly number[])[], b: readonly (readonly number[])[], k: number): number {
  const near = (rows: readonly (readonly number[])[], i: number) =>
    rows
      .map((row, j) => ({ j, near: cosine(rows[i] as number[], row) }))
      .filter(({ j }) => j !== i)
      .sort((x, y) => y.near - x.near)
      .slice(0, k)
      .map(({ j }) => j);
  return meanOf(a.map((_, i) => near(a, i).filter((j) => near(b, i).includes(j)).length / k));
}

/** HSIC as the average over all ordered quadruples of distinct items: its definition as a U-statistic. */
function naiveHsic(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const [k, l] = [a, b].map((rows) => rows.map((x) => rows.map((y) => dot(x, y)))) as [
    number[][],
    number[][],
  ];
  const at = (matrix: number[][], i: number, j: number) => (matrix[i] as number[])[j] as number;
  const items = a.map((_, i) => i);
  const terms: number[] = [];
  for (const i of items)
    for (const j of items)
      for (const q of items)
        for (const r of items)
          if (new Set([i, j, q, r]).size === 4)
            terms.push(at(k, i, j) * (at(l, i, j) + at(l, q, r) - 2 * at(l, i, q)));
  return meanOf(terms);
}

const A = drawn('a', 9, 4);
const B = A.map((row, i) => [...row.slice(0, 2), ...(drawn('b', 9, 3)[i] as number[])]);

/** With some items, and with all in another order: what an independent computation gives on the rows themselves. */
function expectAgrees(
  statistic: PairStatistic,
  naive: (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) => number,
  subsets: readonly (readonly number[])[],
): void {
  for (const items of subsets) {
    const pick = (rows: readonly (readonly number[])[]) => items.map((i) => rows[i] as number[]);
    expect(statistic.of(Int32Array.from(items))).toBeCloseTo(naive(pick(A), pick(B)), 10);
  }
  const order = random('order').permutation(9);
  expect(statistic.shuffled(order)).toBeCloseTo(
    naive(
      A,
      [...order].map((i) => B[i] as number[]),
    ),
    10,
  );
}

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const SOME = [0, 2, 3, 4, 6, 7, 8];

describe('statistics of two models', () => {
  it('cosine-correlation/1', () => {
    expectAgrees(cosineCorrelation(rowsOf(A), rowsOf(B), { centred: false }), naiveCorrelation, [ALL, SOME]);
  });
  it('cosine-correlation/1, centred by the mean of all items', () => {
    const naive = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) =>
      naiveCorrelation(centred(a), centred(b));
    expectAgrees(cosineCorrelation(rowsOf(A), rowsOf(B), { centred: true }), naive, [ALL]);
  });
  it.each([1, 3])('mutual-knn/1, k = %d', (k) => {
    expectAgrees(mutualKnn(rowsOf(A), rowsOf(B), { k }), (a, b) => naiveKnn(a, b, k), [ALL, SOME]);
  });
  it('cka/1', () => {
    const naive = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) =>
      naiveHsic(a, b) / Math.sqrt(naiveHsic(a, a) * naiveHsic(b, b));
    expectAgrees(cka(rowsOf(A), rowsOf(B)), naive, [ALL, SOME]);
  });
});

describe('estimates', () => {
  const source = drawn('source', 60, 8);
  const noise = drawn('noise', 60, 8);
  const near = source.map((row, i) => row.map((x, j) => x + 0.3 * ((noise[i] as number[])[j] as number)));
  const statistics = (target: readonly (readonly number[])[]) => [
    cosineCorrelation(rowsOf(source), rowsOf(target), { centred: true }),
    mutualKnn(rowsOf(source), rowsOf(target), { k: 5 }),
    cka(rowsOf(source), rowsOf(target)),
  ];

  it('tell a model that is near from one that is not', () => {
    for (const [i, statistic] of statistics(near).entries()) {
      const seen = estimateStatistic(statistic, random('near'));
      const other = estimateStatistic(statistics(noise)[i] as PairStatistic, random('other'));
      expect(seen.chance).toEqual({ draws: 999, reached: 0 });
      expect(other.chance.reached).toBeGreaterThan(9);
      expect(seen.low).toBeGreaterThan(other.high);
    }
  });
  it('are the same for the same seed', () => {
    const [statistic] = statistics(near) as [PairStatistic];
    expect(estimateStatistic(statistic, random('x'))).toEqual(estimateStatistic(statistic, random('x')));
  });
  it('of a model and itself, turned and stretched, are 1', () => {
    const turned = source.map((row) => [...row.slice(3), ...row.slice(0, 3)].map((x) => 2 * x));
    for (const statistic of statistics(turned)) {
      const seen = estimateStatistic(statistic, random('self'));
      expect(seen.value).toBeCloseTo(1, 12);
    }
  });
});
