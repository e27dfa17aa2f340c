import { expect, it } from 'vitest';
import { holdersUntilLikelyLeak } from '../../../protocols/oversight/index.ts';

it.each([
  [1_000, 693],
  [10_000, 69],
  [500_000, 2],
  [500_001, 1],
  [1_000_000, 1],
])('a chance of %i in a million: %i holders', (chancePpm, holders) => {
  expect(holdersUntilLikelyLeak(chancePpm)).toBe(holders);
});

it('asks for a chance', () => {
  expect(() => holdersUntilLikelyLeak(0)).toThrow(RangeError);
});
