import { expect, test } from 'vitest';
import { Company } from '../../../services/node/company.ts';
import { ManualTimer } from '../../support/manual-timer.ts';

test('tells how long nobody has been there, from the start and from when the last one went', () => {
  const timer = new ManualTimer();
  let neighbours = 0;
  const company = new Company(() => neighbours, timer);
  timer.pass(5_000);
  expect(company.sinceMs()).toBe(5_000);
  neighbours = 2;
  company.changed();
  expect(company.sinceMs()).toBeNull();
  timer.pass(60_000);
  neighbours = 0;
  company.changed();
  timer.pass(1_000);
  expect(company.sinceMs()).toBe(1_000);
});
