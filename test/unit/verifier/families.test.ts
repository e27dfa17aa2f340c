import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decoderWeights, type Linear, parseModelConfig } from '../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { LOGIT_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import { gaussians } from '../../../services/verifier/interventions/control.ts';
import { relativeError, temporary } from '../../support/verifier/demo-models.ts';
import { type Tensor, writeSafetensors } from '../../support/verifier/write-safetensors.ts';
import { referenceLogits } from './reference-decoder.ts';

const SHAPE = {
  vocab_size: 97,
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 3,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  head_dim: 8,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
};
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
  'llama, a key head for every head': { ...SHAPE, model_type: 'llama', num_key_value_heads: 6 },
};

/** Random weights for every tensor the family names, biases included. */
function randomTensors(json: unknown): Record<string, Tensor> {
  const parsed = parseModelConfig(json);
  if (!parsed.ok) throw new Error(parsed.detail);
  const config = parsed.value;
  const names = decoderWeights(config, () => true);
  const tensors: Record<string, Tensor> = {};
  const put = (name: string, shape: readonly number[]) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const seed = new TextEncoder().encode(name);
    tensors[name] = { shape, data: Float32Array.from(gaussians(seed, size), (x) => 0.3 * x) };
  };
  const linear = ({ weight, bias }: Linear, output: number, input: number) => {
    put(weight, [output, input]);
    if (bias !== null) put(bias, [output]);
  };
  const { width, heads, kvHeads, headDim, mlpWidth, vocabSize } = config;
  put(names.embedding, [vocabSize, width]);
  put(names.head.weight, [vocabSize, width]);
  put(names.finalNorm.weight, [width]);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = names.block(layer);
    put(block.attentionNorm.weight, [width]);
    put(block.mlpNorm.weight, [width]);
    const { projections, mlp } = block;
    if (projections.kind !== 'separate' || mlp.kind !== 'gated') throw new Error('not like Llama');
    linear(projections.query, heads * headDim, width);
    linear(projections.key, kvHeads * headDim, width);
    linear(projections.value, kvHeads * headDim, width);
    linear(block.output, width, heads * headDim);
    linear(mlp.gate, mlpWidth, width);
    linear(mlp.up, mlpWidth, width);
    linear(mlp.down, width, mlpWidth);
  }
  return tensors;
}

describe.each(Object.entries(FAMILIES))('%s', (_, json) => {
  it('agrees with an independent float64 decoder, whole and in cached steps', async () => {
    await using directory = await temporary();
    const tensors = randomTensors(json);
    await writeFile(join(directory.path, 'config.json'), JSON.stringify(json));
    await writeFile(join(directory.path, 'model.safetensors'), writeSafetensors(tensors));
    const checkpoint = await openCheckpoint(directory.path);
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
