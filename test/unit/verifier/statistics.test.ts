import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auroc } from '../../../services/verifier/statistics/auroc.ts';
import { jackknife } from '../../../services/verifier/statistics/jackknife.ts';
import { Random } from '../../../services/verifier/statistics/random.ts';
import { weightedMean } from '../../../services/verifier/statistics/weighted-mean.ts';

const random = (name: string) => new Random(createHash('sha256').update(name).digest());

/** Standard normal numbers by Box and Muller. */
function gaussian(source: Random): number {
  const u = (source.next() + 1) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(u)) * Math.cos((2 * Math.PI * source.next()) / 2 ** 32);
}

describe('random numbers', () => {
  it('are those of sfc32, computed here in big integers', () => {
    const seed = createHash('sha256').update('seed').digest();
    const M = 2n ** 32n;
    let [a, b, c, d] = [0, 4, 8, 12].map((at) => BigInt(seed.readUInt32LE(at))) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const expected = Array.from({ length: 20 }, () => {
      const t = (a + b + d) % M;
      d = (d + 1n) % M;
      a = b ^ (b >> 9n);
      b = (c + (c << 3n)) % M;
      c = ((((c << 21n) | (c >> 11n)) % M) + t) % M;
      return Number(t);
    });
    const source = new Random(seed);
    expect(Array.from({ length: 8 }, () => source.next())).toEqual(expected.slice(12));
  });

  it('reach every number below a bound, and permute', () => {
    const source = random('bound');
    expect(new Set(Array.from({ length: 200 }, () => source.below(7)))).toEqual(
      new Set([0, 1, 2, 3, 4, 5, 6]),
    );
    const order = source.permutation(50);
    expect([...order].sort((x, y) => x - y)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect([...order]).not.toEqual([...order].sort((x, y) => x - y));
  });
});

describe('weighted mean', () => {
  it('is the ratio of sums', () => {
    const seen = weightedMean([1, 4], [3, 1], random('mean'));
    expect(seen?.value).toBe(1.75);
    expect(seen).toMatchObject({ low: 1, high: 4 });
  });
  it('has none without items', () => {
    expect(weightedMean([], [], random('none'))).toBeNull();
  });
  it('keeps to its bounds as often as it says', () => {
    const source = random('coverage of the mean');
    let [low, high] = [0, 0];
    for (let trial = 0; trial < 400; trial++) {
      const values = Array.from({ length: 60 }, () => gaussian(source));
      const seen = weightedMean(
        values,
        values.map(() => 1),
        source,
      );
      if (seen !== null && seen.low > 0) low++;
      if (seen !== null && seen.high < 0) high++;
    }
    // 20 of 400 each are expected; 36 is beyond four standard deviations
    expect(Math.max(low, high)).toBeLessThan(36);
  });
});

/** The share of pairs, pair by pair. */
function pairs(scores: readonly number[], positive: readonly boolean[]): number {
  const [wins, total] = scores.reduce(
    ([won, all], score, i) =>
      scores.reduce(
        ([w, t], other, j): [number, number] =>
          positive[i] && !positive[j] ? [w + (score > other ? 1 : score === other ? 0.5 : 0), t + 1] : [w, t],
        [won, all] as [number, number],
      ),
    [0, 0] as [number, number],
  );
  return wins / total;
}

describe('AUROC', () => {
  it.each([
    ['apart', [1, 2, 3, 4], [false, false, true, true], 1],
    ['the wrong way round', [1, 2, 3, 4], [true, true, false, false], 0],
    ['all alike', [1, 1, 1, 1], [true, true, false, false], 0.5],
  ])('%s', (_, scores, positive, expected) => {
    expect(auroc(scores, positive, random('auroc'))?.value).toBe(expected);
  });
  it('is the share of pairs, ties half', () => {
    const source = random('ties');
    const scores = Array.from({ length: 60 }, () => source.below(9));
    const positive = scores.map(() => source.below(3) === 0);
    expect(auroc(scores, positive, source)?.value).toBeCloseTo(pairs(scores, positive), 12);
  });
  it('has none without both labels', () => {
    expect(auroc([1, 2], [true, true], random('one'))).toBeNull();
  });
  it('has bounds on both sides of where the score test turns', () => {
    // at a value of 1 from 10 and 10 the lower bound t solves 1 - t = z sqrt(V(t)), with N = 10
    const scores = Array.from({ length: 20 }, (_, i) => i);
    const seen = auroc(
      scores,
      scores.map((score) => score >= 10),
      random('perfect'),
    );
    const t = seen?.low ?? 0;
    const variance = (t * (1 - t) * (1 + 9 * ((1 - t) / (2 - t) + t / (1 + t)))) / 100;
    expect(1 - t).toBeCloseTo(1.6448536269514722 * Math.sqrt(variance), 9);
    expect(seen).toMatchObject({ value: 1, high: 1, chance: { draws: 999, reached: 0 } });
  });
  it('keeps to its bounds as often as it says, also near 1', () => {
    const source = random('coverage of the area');
    // normal scores d apart have an area of Phi(d / sqrt 2): 0.921 for d = 2
    const truth = 0.9213503964748575;
    let [low, high] = [0, 0];
    for (let trial = 0; trial < 300; trial++) {
      const positive = Array.from({ length: 60 }, (_, i) => i < 30);
      const scores = positive.map((each) => gaussian(source) + (each ? 2 : 0));
      const seen = auroc(scores, positive, source);
      if (seen !== null && seen.low > truth) low++;
      if (seen !== null && seen.high < truth) high++;
    }
    expect(Math.max(low, high)).toBeLessThan(31); // 15 expected, four standard deviations
  });
  it('is no more than random labels where there is nothing to tell', () => {
    const source = random('nothing');
    const scores = Array.from({ length: 40 }, () => gaussian(source));
    const seen = auroc(
      scores,
      scores.map((_, i) => i % 2 === 0),
      source,
    );
    expect(seen?.chance.reached).toBeGreaterThan(49);
  });
});

describe('jackknife', () => {
  it('gives the standard error of a mean', () => {
    const source = random('jackknife');
    const values = Array.from({ length: 200 }, () => gaussian(source));
    const mean = (items: Int32Array) =>
      items.reduce((sum, i) => sum + (values[i] as number), 0) / items.length;
    const seen = jackknife(200, mean, source);
    const truth = mean(Int32Array.from(values, (_, i) => i));
    expect(seen.value).toBeCloseTo(truth, 12);
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - truth) ** 2, 0) / 199 / 200);
    const ratio = (seen.high - seen.value) / (1.729132811521367 * deviation);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.5);
  });
});
