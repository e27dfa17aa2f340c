import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { readJson } from '../../../services/verifier/engine/json-file.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { LOGIT_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import { relativeError } from '../../support/verifier/demo-models.ts';
import { expectedPrompts, familyCheckpoint } from '../../support/verifier/family-fixtures.ts';

/** Readings of a config that are wrong, some by little: a `gelu` for its approximation is 37 tolerances off. */
const MISREADINGS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['gpt2', { activation_function: 'gelu' }],
  ['gpt2', { scale_attn_weights: false }],
  ['gpt2', { layer_norm_epsilon: 1e-3 }],
  ['gpt2-bare-names', { scale_attn_by_inverse_layer_idx: false }],
  ['llama', { rope_theta: 20_000 }],
  ['llama-3-rope', { rope_scaling: null }],
  ['llama-3-rope', { rope_scaling: { rope_type: 'linear', factor: 8 } }],
  ['llama-biases', { attention_bias: false }],
  ['llama-biases', { mlp_bias: false }],
  ['llama-biases', { rope_scaling: null }],
  ['mistral', { sliding_window: 6 }],
  ['mistral', { sliding_window: 4 }],
  ['mistral', { sliding_window: null }],
  ['qwen2-window', { use_sliding_window: false }],
  ['qwen2-window', { max_window_layers: 2 }],
  ['qwen3', { rms_norm_eps: 1e-2 }],
  ['gemma', { hidden_act: 'silu' }],
  ['gemma2', { attn_logit_softcapping: null }],
  ['gemma2', { final_logit_softcapping: null }],
  ['gemma2', { query_pre_attn_scalar: 16 }],
  ['gemma2', { hidden_activation: 'silu' }],
  ['gemma2', { sliding_window: 5 }],
  ['gemma2-layer-types', { layer_types: null }],
  ['gpt-neox', { use_parallel_residual: false }],
  ['gpt-neox', { rotary_pct: 0.5 }],
  ['gpt-neox', { rotary_emb_base: 5000 }],
  ['gpt-neox', { hidden_act: 'relu' }],
  ['phi3', { sliding_window: null }],
  ['phi3-longrope', { rope_scaling: null }],
  ['phi3-longrope', { original_max_position_embeddings: 120 }],
  ['phi3-partial-rotary', { partial_rotary_factor: 1 }],
];

describe('a misread config shows', () => {
  it.each(MISREADINGS)('%s with %j', async (name, change) => {
    const checkpoint = await openCheckpoint(familyCheckpoint(name));
    const json = (await readJson(checkpoint.directory, 'config.json')) as object;
    const misread = parseModelConfig({ ...json, ...change });
    if (!misread.ok) throw new Error(misread.detail);
    const options = { threads: 1, prepacking: false };
    await using model = await Model.load({ ...checkpoint, config: misread.value }, { points: [] }, options);
    const errors: number[] = [];
    for (const { ids, logits } of await expectedPrompts(name)) {
      const step = await model.step([ids], emptyCache(checkpoint.config.layers, 1), { logits: 'all' });
      errors.push(relativeError(step.logits, [...logits]));
    }
    expect(Math.max(...errors)).toBeGreaterThan(10 * LOGIT_TOLERANCE);
  });
});

it('LongRoPE models run up to the context they were trained on, and no further', async () => {
  const { config } = await openCheckpoint(familyCheckpoint('phi3-longrope'));
  expect(config.maxPositions).toBe(64);
});
