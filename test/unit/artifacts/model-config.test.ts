import { describe, expect, it } from 'vitest';
import { parseModelConfig, SUPPORTED_MODEL_TYPES } from '../../../protocols/artifacts/index.ts';

const LLAMA = {
  model_type: 'llama',
  vocab_size: 100,
  hidden_size: 64,
  intermediate_size: 160,
  num_hidden_layers: 5,
  num_attention_heads: 4,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
};

describe('parseModelConfig', () => {
  it('fills in what Transformers takes as default', () => {
    expect(parseModelConfig({ ...LLAMA, eos_token_id: 2 })).toMatchObject({
      ok: true,
      value: { kvHeads: 4, headDim: 16, ropeTheta: 10_000, tied: false, eosTokenIds: [2] },
    });
  });
  it('reads the rotary base where Transformers 5 writes it', () => {
    const json = { ...LLAMA, rope_parameters: { rope_type: 'default', rope_theta: 1e6 } };
    expect(parseModelConfig(json)).toMatchObject({ ok: true, value: { ropeTheta: 1e6 } });
  });
  it('names an unsupported architecture and what is supported', () => {
    const result = parseModelConfig({ model_type: 'gpt_bigcode' });
    expect(result).toMatchObject({ ok: false, reason: 'model-unsupported' });
    for (const name of ['gpt_bigcode', ...SUPPORTED_MODEL_TYPES])
      expect(result.ok ? '' : result.detail).toContain(name);
  });
  it.each<[string, object, string]>([
    ['another activation', { hidden_act: 'gelu' }, 'model-unsupported'],
    ['scaled rope', { rope_scaling: { rope_type: 'llama3', factor: 8 } }, 'model-unsupported'],
    ['scaled rope, old spelling', { rope_scaling: { type: 'linear', factor: 2 } }, 'model-unsupported'],
    ['scaled rope, new place', { rope_parameters: { rope_type: 'yarn' } }, 'model-unsupported'],
    ['partial rotation', { partial_rotary_factor: 0.5 }, 'model-unsupported'],
    ['a sliding window', { use_sliding_window: true }, 'model-unsupported'],
    ['quantisation', { quantization_config: { bits: 4 } }, 'model-unsupported'],
    ['no width', { hidden_size: 0 }, 'config-invalid'],
    ['a width of text', { hidden_size: '64' }, 'config-invalid'],
    ['a width beyond any model', { hidden_size: 2 ** 40 }, 'config-invalid'],
    ['heads that do not divide the width', { num_attention_heads: 7 }, 'config-invalid'],
    ['key heads that do not divide the heads', { num_key_value_heads: 3 }, 'config-invalid'],
    ['an odd head', { head_dim: 15 }, 'config-invalid'],
    ['a norm that divides by nothing', { rms_norm_eps: 0 }, 'config-invalid'],
    ['an end of sequence that is negative', { eos_token_id: -1 }, 'config-invalid'],
  ])('refuses %s', (_, change, reason) => {
    expect(parseModelConfig({ ...LLAMA, ...change })).toMatchObject({ ok: false, reason });
  });
  it.each([null, [], 'llama', 3])('refuses %s', (json) => {
    expect(parseModelConfig(json)).toMatchObject({ ok: false, reason: 'config-invalid' });
  });
});
