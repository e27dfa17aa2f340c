import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PointName, pointName } from '../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { generate } from '../../../services/verifier/engine/generate.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { type Activations, type Hook, Model } from '../../../services/verifier/engine/model.ts';
import { Tokenizer } from '../../../services/verifier/engine/tokenizer.ts';
import { LOGIT_TOLERANCE, STREAM_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import { models, readGolden, relativeError } from '../../support/verifier/demo-models.ts';

interface Statistics {
  readonly mean: number;
  readonly std: number;
  readonly last_first8: readonly number[];
}
interface GoldenPrompt {
  readonly id: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly text: string;
  readonly ids: readonly number[];
  readonly last_logits: readonly number[];
  readonly argmax: number;
  readonly greedy_ids: readonly number[];
  readonly greedy_text: string;
  readonly hidden: { readonly embeddings: Statistics; readonly blocks: readonly Statistics[] };
}

/** Largest deviation of a residual stream from the reference statistics, in standard deviations. */
function streamError(stream: Activations, expected: Statistics): number {
  const mean = stream.data.reduce((sum, x) => sum + x, 0) / stream.data.length;
  const variance = stream.data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / stream.data.length;
  const last = stream.data.subarray((stream.time - 1) * stream.width);
  const errors = expected.last_first8.map((value, i) => value - (last[i] as number));
  return (
    Math.max(
      ...[mean - expected.mean, Math.sqrt(variance) - expected.std, ...errors].map((error) =>
        Math.abs(error),
      ),
    ) / expected.std
  );
}

describe.each(['analog', 'frontier', 'bad-analog'])('%s against the float32 PyTorch reference', (name) => {
  for (const prepacking of [false, true])
    it(`agrees in logits and residual streams, prepacking ${prepacking}`, async () => {
      const checkpoint = await openCheckpoint(join(models, name));
      const { layers } = checkpoint.config;
      const points: readonly PointName[] = [
        pointName(0, 'hook_resid_pre'),
        ...Array.from({ length: layers }, (_, layer) => pointName(layer, 'hook_resid_post')),
      ];
      await using model = await Model.load(checkpoint, { points }, { threads: 1, prepacking });
      const { prompts } = await readGolden<{ prompts: readonly GoldenPrompt[] }>(`${name}.json`);
      expect(prompts.length).toBe(8);
      for (const prompt of prompts) {
        const seen: PointName[] = [];
        const { embeddings, blocks } = prompt.hidden;
        const hook: Hook = (stream) => {
          const expected = [embeddings, ...blocks][points.indexOf(stream.point)];
          expect(streamError(stream, expected as Statistics)).toBeLessThan(STREAM_TOLERANCE);
          seen.push(stream.point);
        };
        const { logits } = await model.step([prompt.ids], emptyCache(layers, 1), { hook });
        expect(seen).toEqual(points);
        expect(relativeError(logits, prompt.last_logits)).toBeLessThan(LOGIT_TOLERANCE);
      }
    });

  it('renders, encodes, decodes greedily with the cache, and decodes text the same', async () => {
    const directory = join(models, name);
    const checkpoint = await openCheckpoint(directory);
    const tokenizer = await Tokenizer.load(directory);
    await using model = await Model.load(checkpoint, { points: [] }, { threads: 1, prepacking: true });
    const { prompts } = await readGolden<{ prompts: readonly GoldenPrompt[] }>(`${name}.json`);
    for (const { id, messages, text, ids, greedy_ids, greedy_text } of prompts) {
      const system = messages.find((message) => message.role === 'system')?.content ?? null;
      const prompt = messages.find((message) => message.role === 'user')?.content ?? '';
      expect(tokenizer.render({ id, system, prompt })).toBe(text);
      expect(tokenizer.encode(text)).toEqual(ids);
      const decoding = { maxNewTokens: 20, eosTokenIds: checkpoint.config.eosTokenIds };
      const [[generated] = []] = await generate(model, [ids], [null], decoding);
      expect(generated?.ids).toEqual(greedy_ids);
      expect(tokenizer.decode(greedy_ids)).toBe(greedy_text);
    }
  });
});

it('encodes every text of the tokenizer reference', async () => {
  const tokenizer = await Tokenizer.load(join(models, 'analog'));
  const reference = await readGolden<readonly { text: string; ids: number[] }[]>('tokenizer_reference.json');
  expect(reference.length).toBeGreaterThan(50);
  for (const { text, ids } of reference) expect(tokenizer.encode(text)).toEqual(ids);
});
