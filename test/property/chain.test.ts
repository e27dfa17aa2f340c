import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PointName } from '../../protocols/artifacts/index.ts';
import { attentionLayers, cutChain, EMBED, unembedStage } from '../../services/verifier/engine/chain.ts';
import { testSeed } from '../support/seed.ts';

/** In the order of the computation, where one stream has two names the end of a block first. */
const PLACES = ['attn_out', 'mlp_out', 'hook_resid_post'] as const;
const everyPoint = (layers: number): readonly PointName[] => [
  'blocks.0.hook_resid_pre',
  ...Array.from({ length: layers }, (_, i) => [
    ...PLACES.map((place): PointName => `blocks.${i}.${place}`),
    ...(i + 1 < layers ? [`blocks.${i + 1}.hook_resid_pre` as PointName] : []),
  ]).flat(),
];

const asked = fc
  .integer({ min: 1, max: 40 })
  .chain((layers) =>
    fc.record({ layers: fc.constant(layers), points: fc.subarray([...everyPoint(layers)]) }),
  );

it('a chain holds every stage once, every point in its order, and few blocks in a graph', () => {
  fc.assert(
    fc.property(asked, ({ layers, points }) => {
      const chain = cutChain(layers, [...points].reverse());
      expect(chain[0]?.from).toEqual({ done: EMBED, open: false });
      for (const [i, { to }] of chain.slice(0, -1).entries()) expect(chain[i + 1]?.from).toEqual(to);
      expect(chain.at(-1)?.to).toEqual({ done: unembedStage(layers) + 1, open: false });
      expect(chain.flatMap((range) => range.points)).toEqual(points);
      const blocks = chain.map((range) => attentionLayers(range, layers));
      expect(blocks.flat()).toEqual(Array.from({ length: layers }, (_, layer) => layer));
      expect(Math.max(...blocks.map(({ length }) => length))).toBeLessThanOrEqual(8);
    }),
    { numRuns: 500, seed: testSeed() },
  );
});
