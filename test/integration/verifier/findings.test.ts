import { describe, expect, it } from 'vitest';
import { runJob } from '../../../services/verifier/jobs/run-job.ts';
import { demoIntervention, demoJob, temporary } from '../../support/verifier/demo-models.ts';

/**
 * k of 200 of each condition, as an independent PyTorch implementation measured them where it has the case
 * (first three); the overdose was measured with this engine alone. The control has a seed of its own in every run,
 * so only where every direction fails is its count a promise.
 */
const FINDINGS = [
  { name: 'transferred-clamp', trigger: 0, dev: 194, control: 200, lost: 1, gained: 0 },
  { name: 'random-same-norm', trigger: 200, dev: 195, control: 200, lost: 0, gained: 0 },
  { name: 'bad-analog-clamp', trigger: 200, dev: 195, control: 200, lost: 1, gained: 1 },
  { name: 'native-overdose', trigger: 0, dev: 176, control: null, lost: 19, gained: 0 },
] as const;

describe.each(FINDINGS)('$name on the held-out prompts', ({ name, trigger, dev, control, lost, gained }) => {
  it('gives the known counts', async () => {
    await using directory = await temporary();
    const job = demoJob(await demoIntervention(directory.path, name));
    const progress: number[] = [];
    const outcome = await runJob(job, ({ done, total }) => {
      expect(total).toBe(1000);
      progress.push(done);
    });
    const k = (condition: string, measure: string) => {
      const row = outcome.counts.find((count) => count.condition === condition && count.measure === measure);
      expect(row).toMatchObject({ n: 200, unscored: 0 });
      return row?.k;
    };
    expect(k('baseline', 'trigger-rate')).toBe(200);
    expect(k('baseline', 'dev-accuracy')).toBe(195);
    expect(k('treated', 'trigger-rate')).toBe(trigger);
    expect(k('treated', 'dev-accuracy')).toBe(dev);
    if (control !== null) expect(k('control', 'trigger-rate')).toBe(control);
    const gate = outcome.tables.find((table) => table.measure === 'dev-accuracy');
    expect(gate).toMatchObject({ left: 'baseline', right: 'treated', leftOnly: lost, rightOnly: gained });
    expect(outcome.tables.map(({ left, right }) => `${left} ${right}`)).toContain('control treated');
    expect(progress.at(-1)).toBe(1000);
    for (const { condition, hook } of outcome.evidence.runs)
      expect(hook).toEqual(
        condition === 'baseline' ? { expected: 0, applied: 0 } : { expected: 200, applied: 200 },
      );
  });
});
