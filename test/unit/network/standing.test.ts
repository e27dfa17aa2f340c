import { expect, test } from 'vitest';
import { Standing } from '../../../services/network/relay/standing.ts';

/** Whether so many offences at this pace are too many. */
function isTooMuch(count: number, perSecond: number): boolean {
  let now = 0;
  const standing = new Standing(8, () => now);
  for (let i = 0; i < count; i += 1) {
    now += 1_000 / perSecond;
    if (standing.offend('peer', 'quota')) return true;
  }
  return false;
}

test('over a quota: a flood is too much; a backlog that an honest node hands out never is', () => {
  expect(isTooMuch(100_000, 250)).toBe(false);
  expect(isTooMuch(32_000, 2_500)).toBe(true);
});
