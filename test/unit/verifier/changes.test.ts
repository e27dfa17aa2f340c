import { describe, expect, it } from 'vitest';
import { type PointName, pointName } from '../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { linearLayers } from '../../../services/verifier/engine/linear-layers.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { LOGIT_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import { relativeError } from '../../support/verifier/demo-models.ts';
import { expectedChanges, FAMILY_CASES, familyCheckpoint } from '../../support/verifier/family-fixtures.ts';

const OPTIONS = { threads: 1, prepacking: false };

describe.each(FAMILY_CASES)('%s, changed as the reference changes it', (name) => {
  it('a vector added at each point of a block, one row of a batch each', async () => {
    const checkpoint = await openCheckpoint(familyCheckpoint(name));
    const { ids, edit, edited } = await expectedChanges(name);
    const points = [...edited.keys()] as PointName[];
    expect(points.length).toBe(4);
    await using model = await Model.load(checkpoint, { points }, OPTIONS);
    const rows = points.map(() => ids);
    const { logits } = await model.step(rows, emptyCache(checkpoint.config.layers, rows.length), {
      logits: 'all',
      hook: ({ point, data, time, width }) => {
        const from = points.indexOf(point) * time * width;
        for (let i = 0; i < time * width; i++)
          data[from + i] = (data[from + i] as number) + (edit[i % width] as number);
      },
    });
    for (const [row, point] of points.entries()) {
      const expected = [...(edited.get(point) ?? [])];
      const mine = logits.subarray(row * expected.length, (row + 1) * expected.length);
      expect(relativeError(mine, expected), point).toBeLessThan(LOGIT_TOLERANCE);
    }
  });

  it('a low-rank change of each linear layer, one row of a batch each', async () => {
    const checkpoint = await openCheckpoint(familyCheckpoint(name));
    const layers = linearLayers(checkpoint);
    const { ids, changed } = await expectedChanges(name);
    const weights = [...changed.keys()];
    const block = [...layers.keys()].filter((weight) => /\.?(?:layers|h)\.1\./.test(weight));
    expect(new Set(weights)).toEqual(new Set(block));
    await using model = await Model.load(checkpoint, { points: [], sides: weights }, OPTIONS);
    const rows = weights.map(() => ids);
    const sides = new Map(
      weights.map((weight, row) => {
        const { down = new Float32Array(), up = new Float32Array() } = changed.get(weight) ?? {};
        return [weight, { rank: 2, down: inRow(down, row, rows.length), up: inRow(up, row, rows.length) }];
      }),
    );
    const cache = emptyCache(checkpoint.config.layers, rows.length);
    const { logits } = await model.step(rows, cache, { logits: 'all', sides });
    for (const [row, weight] of weights.entries()) {
      const expected = [...(changed.get(weight)?.logits ?? [])];
      const mine = logits.subarray(row * expected.length, (row + 1) * expected.length);
      expect(relativeError(mine, expected), weight).toBeLessThan(LOGIT_TOLERANCE);
    }
  });
});

/** The matrix for one row of a batch, zeros for the others. */
function inRow(matrix: Float32Array, row: number, rows: number): Float32Array {
  const all = new Float32Array(rows * matrix.length);
  all.set(matrix, row * matrix.length);
  return all;
}

it('an opening that the model does not have is refused', async () => {
  const checkpoint = await openCheckpoint(familyCheckpoint('llama'));
  const refused = (openings: Parameters<typeof Model.load>[1], reason: string) =>
    expect(Model.load(checkpoint, openings, OPTIONS)).rejects.toMatchObject({
      code: 'intervention-invalid',
      details: { reason },
    });
  await refused({ points: [pointName(3, 'attn_out')] }, 'layer-out-of-range');
  await refused({ points: ['blocks.0.hook_z' as PointName] }, 'point-invalid');
  await refused({ points: [], sides: ['model.embed_tokens.weight'] }, 'weight-unknown');
});
