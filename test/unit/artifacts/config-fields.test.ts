import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseModelConfig, SUPPORTED_MODEL_TYPES } from '../../../protocols/artifacts/index.ts';
import { familyCheckpoint } from '../../support/verifier/family-fixtures.ts';

/** Every field that the reference implementation's configuration classes know, by family: families/make.py. */
const FIELDS: Readonly<Record<string, readonly string[]>> = JSON.parse(
  await readFile(join(familyCheckpoint(''), '../fields.json'), 'utf8'),
);

/** Fields that change nothing of what a trained model computes for a prompt. */
const INERT = new Set([
  // names, bookkeeping, and what a caller may ask of the library
  ...[
    '_name_or_path',
    'transformers_version',
    'dtype',
    'id2label',
    'label2id',
    'problem_type',
    'return_dict',
  ],
  ...['output_attentions', 'output_hidden_states', 'use_cache', 'chunk_size_feed_forward', 'is_decoder'],
  // training
  ...['attention_dropout', 'attn_pdrop', 'embd_pdrop', 'resid_pdrop', 'hidden_dropout', 'classifier_dropout'],
  ...['initializer_range', 'pretraining_tp'],
  // other heads than the language model's
  ...[
    'summary_activation',
    'summary_first_dropout',
    'summary_proj_to_labels',
    'summary_type',
    'summary_use_proj',
  ],
  // the tokenizer's to write, not the model's to read
  ...['bos_token_id', 'pad_token_id'],
  // the order of operations, within rounding
  'reorder_and_upcast_attn',
]);

/** A config in which every field of its family counts. */
const EXAMPLES: Readonly<Record<string, string>> = {
  gemma: 'gemma',
  gemma2: 'gemma2-layer-types',
  gpt2: 'gpt2',
  gpt_neox: 'gpt-neox',
  llama: 'llama-biases',
  mistral: 'mistral',
  phi3: 'phi3-longrope',
  qwen2: 'qwen2-window',
  qwen3: 'qwen3-biases',
};

const WINDOW = { use_sliding_window: true, sliding_window: 5, max_window_layers: 1 };

/** A switch: one of its two values is another than the config's. */
const EITHER = [true, false];

/** Another value for each field. */
const CHANGED: Readonly<Record<string, unknown>> = {
  activation_function: 'relu',
  add_cross_attention: true,
  architectures: ['LlamaForSequenceClassification'],
  attention_bias: EITHER,
  attn_logit_softcapping: 3,
  eos_token_id: 77,
  final_logit_softcapping: 3,
  head_dim: 20,
  hidden_act: 'relu',
  hidden_activation: 'relu',
  hidden_size: 192,
  intermediate_size: 64,
  is_encoder_decoder: true,
  layer_norm_eps: 1e-3,
  layer_norm_epsilon: 1e-3,
  layer_types: ['sliding_attention', 'full_attention', 'full_attention'],
  max_position_embeddings: 48,
  max_window_layers: 2,
  mlp_bias: EITHER,
  model_type: 'mamba',
  n_embd: 192,
  n_head: 2,
  n_inner: 99,
  n_layer: 5,
  n_positions: 48,
  num_attention_heads: 8,
  num_hidden_layers: 5,
  num_key_value_heads: 4,
  original_max_position_embeddings: 32,
  query_pre_attn_scalar: 4,
  rms_norm_eps: 1e-3,
  rope_parameters: { rope_type: 'linear', factor: 3 },
  scale_attn_by_inverse_layer_idx: true,
  scale_attn_weights: false,
  sliding_window: 3,
  tie_word_embeddings: EITHER,
  use_bidirectional_attention: true,
  use_parallel_residual: false,
  use_sliding_window: false,
  vocab_size: 121,
};

it('knows the families of the reference', () => {
  expect(Object.keys(FIELDS).sort()).toEqual([...SUPPORTED_MODEL_TYPES].sort());
});

describe.each(Object.entries(FIELDS))(
  '%s: every field is compiled, refused or inert',
  async (type, fields) => {
    const path = join(familyCheckpoint(EXAMPLES[type] as string), 'config.json');
    const written: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'));
    const config = type === 'qwen3' ? { ...written, ...WINDOW } : written;
    const before = parseModelConfig(config);
    it.each(fields)('%s', (field) => {
      expect(before.ok).toBe(true);
      if (INERT.has(field)) {
        expect(parseModelConfig({ ...config, [field]: 'anything' })).toEqual(before);
        return;
      }
      const other = CHANGED[field];
      expect(other, 'a field nobody has thought of').toBeDefined();
      const values = other === EITHER ? EITHER : [other];
      const readings = values.map((value) => parseModelConfig({ ...config, [field]: value }));
      expect(readings.some((reading) => !isDeepStrictEqual(reading, before))).toBe(true);
    });
  },
);
