import { describe, expect, it } from 'vitest';
import {
  parseModelConfig,
  rotaryFrequencies,
  SUPPORTED_MODEL_TYPES,
} from '../../../protocols/artifacts/index.ts';

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
      value: {
        kvHeads: 4,
        headDim: 16,
        rope: { theta: 10_000, scaling: null },
        tied: false,
        eosTokenIds: [2],
      },
    });
  });
  it('reads the rotary base where Transformers 5 writes it', () => {
    const json = { ...LLAMA, rope_parameters: { rope_type: 'default', rope_theta: 1e6 } };
    expect(parseModelConfig(json)).toMatchObject({ ok: true, value: { rope: { theta: 1e6 } } });
  });
  it('names an unsupported architecture and what is supported', () => {
    const result = parseModelConfig({ model_type: 'gpt_bigcode' });
    expect(result).toMatchObject({ ok: false, reason: 'model-unsupported' });
    for (const name of ['gpt_bigcode', ...SUPPORTED_MODEL_TYPES])
      expect(result.ok ? '' : result.detail).toContain(name);
  });
  it.each<[string, object, string]>([
    ['another activation', { hidden_act: 'mish' }, 'model-unsupported'],
    ['scaled rope of another kind', { rope_scaling: { rope_type: 'yarn', factor: 8 } }, 'model-unsupported'],
    ['scaled rope, old spelling', { rope_scaling: { type: 'dynamic', factor: 2 } }, 'model-unsupported'],
    ['scaled rope without a factor', { rope_scaling: { type: 'linear' } }, 'config-invalid'],
    [
      'llama3 rope without its bounds',
      { rope_scaling: { rope_type: 'llama3', factor: 8 } },
      'config-invalid',
    ],
    ['rope scaling of text', { rope_scaling: 'linear' }, 'config-invalid'],
    ['scaled rope, new place', { rope_parameters: { rope_type: 'yarn' } }, 'model-unsupported'],
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

describe('rotaryFrequencies', () => {
  const llama31 = {
    theta: 500_000,
    dimensions: 128,
    scaling: {
      kind: 'llama3',
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalPositions: 8192,
    },
  } as const;
  // Llama 3.1 with heads of 128; computed in Python by the published formula, with wavelengths instead of turns.
  it.each([
    [0, 1.0],
    [20, 0.016560440080994446],
    [28, 0.0032114459947525913],
    [29, 0.002166570763503359],
    [30, 0.0013718935677611381],
    [31, 0.0008567514129196321],
    [32, 0.0005248461609929547],
    [34, 0.00017850781276799638],
    [35, 9.556212353964683e-5],
    [36, 7.78465527393245e-5],
    [50, 4.411534674558404e-6],
    [63, 3.068925988914511e-7],
  ])('llama3: pair %s', (pair, expected) => {
    expect((rotaryFrequencies(llama31)[pair] ?? 0) / expected).toBeCloseTo(1, 12);
  });
  it('linear: every angle divided', () => {
    const plain = rotaryFrequencies({ theta: 10_000, dimensions: 8, scaling: null });
    const scaled = rotaryFrequencies({
      theta: 10_000,
      dimensions: 8,
      scaling: { kind: 'linear', factor: 4 },
    });
    expect([...plain].map((x) => x / 4)).toEqual([...scaled]);
    expect(plain[0]).toBe(1);
  });
});
