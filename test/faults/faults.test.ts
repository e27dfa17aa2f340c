import { expect, test } from 'vitest';
import { testSeed } from '../support/seed.ts';
import { FAULTS, planTour } from './plan.ts';
import { runFaults } from './run.ts';

test('each fault once: nothing acknowledged is lost, records are equal, who lied is named', async ({
  signal,
}) => {
  const seed = testSeed();
  const report = await runFaults({ seed, plan: planTour(seed), signal });
  expect(report.rounds.map(({ fault }) => fault).sort()).toEqual(FAULTS.map(({ name }) => name).sort());
  expect(report.acknowledged).toBeGreaterThan(0);
  expect(report.messages).toBeGreaterThanOrEqual(report.acknowledged);
});
