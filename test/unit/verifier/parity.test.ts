import { describe, expect, it } from 'vitest';
import type { PointName } from '../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { type Hook, Model } from '../../../services/verifier/engine/model.ts';
import { topToken } from '../../../services/verifier/engine/sampling.ts';
import { LOGIT_TOLERANCE, STREAM_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import { expectedPrompts, FAMILY_CASES, familyCheckpoint } from '../../support/verifier/family-fixtures.ts';

/** Largest absolute difference, relative to the largest absolute expected value. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  let scale = 0;
  for (const [i, value] of expected.entries()) {
    worst = Math.max(worst, Math.abs(value - (actual[i] as number)));
    scale = Math.max(scale, Math.abs(value));
  }
  return worst / scale;
}

describe.each(FAMILY_CASES)('%s against the reference implementation', (name) => {
  for (const prepacking of [false, true])
    it(`agrees at every point and in every logit, prepacking ${prepacking}`, async () => {
      const checkpoint = await openCheckpoint(familyCheckpoint(name));
      const prompts = await expectedPrompts(name);
      const points = [...(prompts[0]?.points.keys() ?? [])] as PointName[];
      expect(points.length).toBe(4 * checkpoint.config.layers);
      await using model = await Model.load(checkpoint, { points }, { threads: 1, prepacking });
      for (const prompt of prompts) {
        const seen: string[] = [];
        const hook: Hook = ({ point, data }) => {
          const error = relativeError(data, prompt.points.get(point) as Float32Array);
          expect(error, point).toBeLessThan(STREAM_TOLERANCE);
          seen.push(point);
        };
        const cache = emptyCache(checkpoint.config.layers, 1);
        const { logits } = await model.step([prompt.ids], cache, { hook, logits: 'all' });
        expect(relativeError(logits, prompt.logits)).toBeLessThan(LOGIT_TOLERANCE);
        expect(new Set(seen)).toEqual(new Set(points));
        expect(seen.length).toBe(points.length);
      }
    });

  it('continues greedily with the cache as the reference does without', async () => {
    const checkpoint = await openCheckpoint(familyCheckpoint(name));
    await using model = await Model.load(checkpoint, { points: [] }, { threads: 1, prepacking: false });
    for (const { ids, greedy } of await expectedPrompts(name)) {
      let step = await model.step([ids], emptyCache(checkpoint.config.layers, 1));
      const made = [topToken(step.logits)];
      while (made.length < greedy.length) {
        step = await model.step([made.slice(-1)], step.cache);
        made.push(topToken(step.logits));
      }
      expect(made).toEqual(greedy);
    }
  });
});
