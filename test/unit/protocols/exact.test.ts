import { describe, expect, it } from 'vitest';
import {
  areRatesDifferent,
  gateState,
  isLossBeyondChance,
  isRateAbove,
  isRateBelow,
} from '../../../protocols/verdict/index.ts';

/** Upper end of the two-sided 95 % Clopper-Pearson interval of k/n in ppm, by bisection on the exact test. */
function upperPpm(k: number, n: number): number {
  let low = 0;
  let high = 1_000_000;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isRateBelow(k, n, middle, 25_000)) high = middle;
    else low = middle;
  }
  return high;
}

function lowerPpm(k: number, n: number): number {
  return 1_000_000 - upperPpm(n - k, n);
}

describe('rates', () => {
  it.each([
    [0, 59],
    [1, 93],
    [2, 124],
    [3, 153],
    [5, 208],
  ])('%i failures need %i prompts to show a rate under 5 %%', (k, n) => {
    expect(isRateBelow(k, n, 50_000, 50_000)).toBe(true);
    expect(isRateBelow(k, n - 1, 50_000, 50_000)).toBe(false);
  });

  it('under 5 % at 99 % confidence needs 90 prompts, under 1 % needs 299', () => {
    expect([isRateBelow(0, 90, 50_000, 10_000), isRateBelow(0, 89, 50_000, 10_000)]).toEqual([true, false]);
    expect([isRateBelow(0, 299, 10_000, 50_000), isRateBelow(0, 298, 10_000, 50_000)]).toEqual([true, false]);
  });

  it.each([
    [0, 20, 16.8],
    [0, 50, 7.1],
    [0, 100, 3.6],
    [0, 200, 1.8],
    [5, 100, 11.3],
    [10, 200, 9.0],
  ])('the upper end of %i/%i is %f %%', (k, n, percent) => {
    expect(upperPpm(k, n) / 10_000).toBeCloseTo(percent, 1);
  });

  it.each([
    [5, 100, 1.6],
    [10, 200, 2.4],
  ])('the lower end of %i/%i is %f %%', (k, n, percent) => {
    expect(lowerPpm(k, n) / 10_000).toBeCloseTo(percent, 1);
  });

  it('says nothing from nothing', () => {
    expect([isRateBelow(0, 0, 500_000, 50_000), isRateAbove(0, 0, 500_000, 50_000)]).toEqual([false, false]);
  });
});

describe('paired prompts', () => {
  it.each([
    [6, 25_000],
    [8, 5_000],
    [11, 500],
  ])('%i one-way pairs are the fewest that pass at two-sided 2 x %i ppm', (pairs, alphaPpm) => {
    expect(isLossBeyondChance(pairs, 0, alphaPpm)).toBe(true);
    expect(isLossBeyondChance(pairs - 1, 0, alphaPpm)).toBe(false);
  });

  it('asks which way they went', () => {
    expect([isLossBeyondChance(20, 2, 50_000), isLossBeyondChance(2, 20, 50_000)]).toEqual([true, false]);
  });
});

describe('two rates', () => {
  it('does not depend on which comes first', () => {
    for (const [k1, n1, k2, n2] of [
      [3, 10, 9, 12],
      [0, 40, 6, 40],
      [17, 20, 200, 400],
    ] as const)
      expect(areRatesDifferent(k1, n1, k2, n2, 50_000)).toBe(areRatesDifferent(k2, n2, k1, n1, 50_000));
  });

  it('is 0.0286 for the tea taster who names all eight cups', () => {
    expect(areRatesDifferent(4, 4, 0, 4, 28_572)).toBe(true);
    expect(areRatesDifferent(4, 4, 0, 4, 28_571)).toBe(false);
  });
});

/** Log-likelihood of the discordant cells where the loss exceeds the gain by the margin. */
function constrainedGain(lost: number, gained: number, n: number, margin: number): number {
  const likelihood = (gain: number) =>
    lost * Math.log(gain + margin || Number.MIN_VALUE) +
    gained * Math.log(gain || Number.MIN_VALUE) +
    (n - lost - gained) * Math.log(Math.max(1 - 2 * gain - margin, Number.MIN_VALUE));
  let low = 0;
  let high = (1 - margin) / 2;
  const ratio = (Math.sqrt(5) - 1) / 2;
  while (high - low > 1e-12) {
    const a = high - ratio * (high - low);
    const b = low + ratio * (high - low);
    if (likelihood(a) < likelihood(b)) low = a;
    else high = b;
  }
  return (low + high) / 2;
}

describe('the gate', () => {
  it('agrees with the score test whose constrained estimate is searched for, not solved for', () => {
    let compared = 0;
    for (const n of [40, 88, 150, 400])
      for (const margin of [0.01, 0.03, 0.1])
        for (let lost = 0; lost <= n / 2; lost += 3)
          for (const gained of [0, 1, 5, 20]) {
            if (lost + gained > n) continue;
            const gain = constrainedGain(lost, gained, n, margin);
            const score = (lost - gained - n * margin) / Math.sqrt(n * (2 * gain + margin * (1 - margin)));
            if (Math.abs(Math.abs(score) - 1.6448536) < 1e-4) continue; // the search is not that fine
            const expected = score <= -1.6448536 ? 'passed' : score >= 1.6448536 ? 'failed' : 'unresolved';
            expect(gateState(lost, gained, n, margin), `${lost} ${gained} ${n} ${margin}`).toBe(expected);
            compared++;
          }
    expect(compared).toBeGreaterThan(1_000);
  });

  it('needs 88 prompts to pass a margin of 3 points without a loss', () => {
    expect([gateState(0, 0, 87, 0.03), gateState(0, 0, 88, 0.03)]).toEqual(['unresolved', 'passed']);
  });

  it('never gets better with one more loss', () => {
    const order = ['passed', 'unresolved', 'failed'];
    let last = 0;
    for (let lost = 0; lost <= 200; lost++) {
      const now = order.indexOf(gateState(lost, 3, 400, 0.03));
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(last).toBe(2);
  });

  it('has an answer where there is no variance', () => {
    expect(gateState(0, 0, 0, 0.03)).toBe('unresolved');
    expect(gateState(0, 0, 400, 0)).toBe('unresolved');
    expect(gateState(400, 0, 400, 1)).toBe('unresolved');
    expect(gateState(0, 0, 400, 1)).toBe('passed');
  });
});
