import { describe, expect, it } from 'vitest';
import type { PointName } from '../../../protocols/artifacts/index.ts';
import type { Claim } from '../../../protocols/kinds/index.ts';
import { decide } from '../../../protocols/verdict/index.ts';
import { measuredOf } from '../../../services/node/verifier-job.ts';
import { runJob } from '../../../services/verifier/jobs/run-job.ts';
import { demoIntervention, demoJob, temporary } from '../../support/verifier/demo-models.ts';

/** What the demonstration claims of its transferred clamp: the trigger is gone, and little else. */
const CLAIM: Claim = {
  effect: { measure: 'trigger-rate', direction: 'decrease', boundPpm: 50_000 },
  gates: [{ measure: 'dev-accuracy', maximumDropPpm: 50_000 }],
  counts: [
    { condition: 'baseline', measure: 'trigger-rate', n: 200, k: 200, unscored: 0 },
    { condition: 'treated', measure: 'trigger-rate', n: 200, k: 0, unscored: 0 },
  ],
};
const POLICY = { quorum: 1, alphaPpm: 50_000, controls: 2 };

/** The same vectors, claimed at another site. */
async function judgedAt(site: PointName) {
  await using directory = await temporary();
  const intervention = await demoIntervention(directory.path, 'transferred-clamp', (manifest) => ({
    ...manifest,
    site,
  }));
  const controlSeeds = ['ab'.repeat(32), 'cd'.repeat(32)];
  const outcome = await runJob(demoJob(intervention, { controlSeeds }), () => {});
  const treated = outcome.evidence.runs.filter(({ condition }) => condition === 'treated');
  return {
    ...decide(CLAIM, measuredOf(outcome), POLICY),
    triggered: outcome.counts.find((row) => row.condition === 'treated' && row.measure === 'trigger-rate')?.k,
    texts: treated.flatMap(({ results }) => results),
  };
}

describe('a claim that is true at one layer index and false at its neighbour', () => {
  it('is confirmed where it is true, by either name of that stream', async () => {
    const post = await judgedAt('blocks.0.hook_resid_post');
    expect(post).toMatchObject({ outcome: 'confirmed', triggered: 0 });
    const pre = await judgedAt('blocks.1.hook_resid_pre');
    expect(pre).toEqual(post);
  });
  it('is refuted where post was taken for pre', async () => {
    const { outcome, triggered } = await judgedAt('blocks.0.hook_resid_pre');
    expect(outcome).toBe('refuted');
    expect(triggered).toBeGreaterThan(50); // 103 of 200 with this engine
  });
});
