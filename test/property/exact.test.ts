import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLossBeyondChance, isRateAbove, isRateBelow } from '../../protocols/verdict/index.ts';
import { testSeed } from '../support/seed.ts';

const seed = testSeed();
const MILLION = 1_000_000n;

/** P(from <= X <= to) for X binomial (n, p) times a million to the n, term by term. */
function mass(n: number, from: number, to: number, pPpm: number): bigint {
  let sum = 0n;
  for (let i = from; i <= to; i++)
    sum += choose(n, i) * BigInt(pPpm) ** BigInt(i) * (MILLION - BigInt(pPpm)) ** BigInt(n - i);
  return sum;
}

function choose(n: number, k: number): bigint {
  let out = 1n;
  for (let i = 1; i <= k; i++) out = (out * BigInt(n - i + 1)) / BigInt(i);
  return out;
}

const rates = fc
  .record({ n: fc.integer({ min: 1, max: 160 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ n, share }) => ({ n, k: Math.round(n * share) }));
const ppm = fc.integer({ min: 0, max: 1_000_000 });
const alpha = fc.integer({ min: 1, max: 100_000 });

describe('the exact tests', () => {
  it('stop early with the answer of the whole sum', () => {
    let below = 0;
    let above = 0;
    fc.assert(
      fc.property(rates, ppm, alpha, ({ n, k }, pPpm, alphaPpm) => {
        const bound = MILLION ** BigInt(n) * BigInt(alphaPpm);
        const isBelow = mass(n, 0, k, pPpm) * MILLION < bound;
        const isAbove = mass(n, k, n, pPpm) * MILLION < bound;
        expect(isRateBelow(k, n, pPpm, alphaPpm)).toBe(isBelow);
        expect(isRateAbove(k, n, pPpm, alphaPpm)).toBe(isAbove);
        if (isBelow) below++;
        if (isAbove) above++;
      }),
      { numRuns: 600, seed },
    );
    expect(Math.min(below, above)).toBeGreaterThan(20);
  });

  it('turn at one bound: lower it and the answer stays', () => {
    fc.assert(
      fc.property(rates, ppm, ppm, alpha, ({ n, k }, a, b, alphaPpm) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        if (isRateBelow(k, n, low, alphaPpm)) expect(isRateBelow(k, n, high, alphaPpm)).toBe(true);
        if (isRateAbove(k, n, high, alphaPpm)) expect(isRateAbove(k, n, low, alphaPpm)).toBe(true);
      }),
      { numRuns: 500, seed },
    );
  });

  it('never say above and below of one bound, nor lost and gained of one table', () => {
    fc.assert(
      fc.property(rates, ppm, alpha, fc.nat(200), ({ n, k }, pPpm, alphaPpm, gained) => {
        expect(isRateBelow(k, n, pPpm, alphaPpm) && isRateAbove(k, n, pPpm, alphaPpm)).toBe(false);
        expect(isLossBeyondChance(k, gained, alphaPpm) && isLossBeyondChance(gained, k, alphaPpm)).toBe(
          false,
        );
      }),
      { numRuns: 500, seed },
    );
  });
});
