import { expect, it } from 'vitest';
import type { Evidence } from '../../../protocols/artifacts/index.ts';
import { estimatesHold } from '../../../protocols/audit/estimates.ts';
import type { Estimate } from '../../../protocols/kinds/index.ts';

const scored = (condition: string, measure: string, scores: readonly (number | null)[]) => ({
  condition,
  measure,
  hook: { expected: 0, applied: 0 },
  results: scores.map((score, i) => ({
    id: `${i}`,
    outcome: score === null ? ('unscored' as const) : (1 as const),
    score,
    weight: i + 1,
  })),
});
const chance = { draws: 999, reached: 0 };
const evidence = {
  runs: [
    scored('treated', 'odds', [1, null, 2]),
    scored('control-1', 'odds', [5]),
    scored('control-2', 'odds', [6]),
    scored('treated', 'area', [1, 2]),
  ],
  comparisons: [{ comparison: 'cka', items: [1], value: 0.25, low: 0.2, high: 0.3, chance }],
} as unknown as Evidence;
const estimate = (
  condition: Estimate['condition'],
  measure: string,
  valueMicro: number,
  n = 2,
): Estimate => ({
  condition,
  measure,
  n,
  unscored: 0,
  valueMicro,
  lowMicro: valueMicro,
  highMicro: valueMicro,
});

it.each<[string, readonly Estimate[], boolean]>([
  ['none', [], true],
  ['a mean by the weights', [estimate('treated', 'odds', 1_750_000)], true],
  ['a mean without them', [estimate('treated', 'odds', 1_500_000)], false],
  ['a mean of more prompts', [estimate('treated', 'odds', 1_750_000, 3)], false],
  ['of a control', [estimate('control', 'odds', 6_000_000, 1)], true],
  ['of no control', [estimate('control', 'odds', 7_000_000, 1)], false],
  ['a measure that is not there', [estimate('treated', 'none', 0)], false],
  ['a comparison', [{ ...estimate('treated', 'cka', 250_000), chance }], true],
  ['another comparison', [{ ...estimate('treated', 'cka', 260_000), chance }], false],
  ['an area', [{ ...estimate('treated', 'area', 900_000), chance }], true],
  ['one of two wrong', [estimate('treated', 'odds', 1_750_000), estimate('treated', 'odds', 0)], false],
])('%s', (_, estimates, holds) => {
  expect(estimatesHold(estimates, evidence)).toBe(holds);
});
