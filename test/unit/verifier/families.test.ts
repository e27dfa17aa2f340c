import { describe, expect, it } from 'vitest';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { LOGIT_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import { relativeError, temporary } from '../../support/verifier/demo-models.ts';
import { referenceLogits } from '../../support/verifier/reference-decoder.ts';
import { TINY_SHAPE, tinyDecoder } from '../../support/verifier/tiny-decoder.ts';

const SHAPE = TINY_SHAPE;
const FAMILIES = {
  'qwen2, tied': { ...SHAPE, model_type: 'qwen2', tie_word_embeddings: true },
  'qwen2, own head': { ...SHAPE, model_type: 'qwen2', tie_word_embeddings: false },
  'llama with every bias': { ...SHAPE, model_type: 'llama', attention_bias: true, mlp_bias: true },
  'llama, context stretched as in Llama 3.1': {
    ...SHAPE,
    model_type: 'llama',
    rope_theta: 10_000,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 32,
    },
  },
  'llama of 20 blocks, which are several graphs': { ...SHAPE, model_type: 'llama', num_hidden_layers: 20 },
  'llama, a key head for every head': { ...SHAPE, model_type: 'llama', num_key_value_heads: 6 },
};

describe.each(Object.entries(FAMILIES))('%s', (_, json) => {
  it('agrees with an independent float64 decoder, whole and in cached steps', async () => {
    await using directory = await temporary();
    const { checkpoint, tensors } = await tinyDecoder(directory.path, json);
    await using model = await Model.load(
      checkpoint,
      { points: ['blocks.1.hook_resid_pre'] },
      { threads: 1, prepacking: false },
    );
    const ids = [3, 14, 15, 92, 65, 35, 89, 79, 32, 38, 46];
    const expected = referenceLogits(checkpoint.config, tensors, ids);

    const whole = await model.step([ids], emptyCache(checkpoint.config.layers, 1));
    expect(relativeError(whole.logits, expected)).toBeLessThan(LOGIT_TOLERANCE);

    const first = await model.step([ids.slice(0, 6)], emptyCache(checkpoint.config.layers, 1));
    const second = await model.step([ids.slice(6, 10)], first.cache);
    const third = await model.step([ids.slice(10)], second.cache);
    expect(relativeError(third.logits, expected)).toBeLessThan(LOGIT_TOLERANCE);
  });
});
