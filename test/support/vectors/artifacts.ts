import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { SAFETENSORS_HEADER_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { artifactOperations } from '../../../services/cli/conformance/reference-artifacts.ts';
import { contentCid } from '../samples.ts';
import { INTERVENTIONS_2 } from './interventions.ts';
import { type Input, judged as judgedBy } from './judged.ts';

/** Files that publishers may send: what is read of them, and what is refused. The answers are this implementation's. */
const ANSWERS = artifactOperations();
const judged = (operation: string, inputs: Readonly<Record<string, Input>>) =>
  judgedBy(ANSWERS, operation, inputs);

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

/** A header over a file with so many bytes of tensors. */
function header(content: string | object, dataBytes: number): Input {
  const bytes = utf8(typeof content === 'string' ? content : JSON.stringify(content));
  return { header: toHex(bytes), fileBytes: 8 + bytes.length + dataBytes };
}

const TWICE = '"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
const HEADERS: Readonly<Record<string, Input>> = {
  'names-in-any-order': header({ __metadata__: { format: 'pt' }, b: f32([2], 4, 12), a: f32([], 0, 4) }, 12),
  'an-empty-tensor-between': header({ a: f32([1], 0, 4), none: f32([0, 7], 4, 4), b: f32([1], 4, 8) }, 8),
  'empty-of-astronomic-extents': header({ a: f32([2 ** 40, 2 ** 40, 0], 0, 0) }, 0),
  'padded-with-spaces': header('{}       ', 0),
  'a-name-of-every-object': header('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
  'every-width': header(
    {
      a: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] },
      b: { dtype: 'F8_E4M3', shape: [1], data_offsets: [1, 2] },
      c: { dtype: 'BF16', shape: [1], data_offsets: [2, 4] },
      d: { dtype: 'U32', shape: [1], data_offsets: [4, 8] },
      e: { dtype: 'I64', shape: [1], data_offsets: [8, 16] },
    },
    16,
  ),
  nothing: header('', 0),
  'not-json': header('{"a":', 0),
  'a-list': header('[]', 0),
  'a-leading-space': header(' {}', 0),
  'nested-too-deep': header(`{"a":${'['.repeat(200)}`, 0),
  'an-entry-that-is-no-object': header({ a: 3 }, 0),
  'an-entry-with-a-field-more': header({ a: { ...f32([1], 0, 4), x: 1 } }, 4),
  'an-entry-with-a-field-less': header({ a: { dtype: 'F32', shape: [1] } }, 4),
  'metadata-that-is-no-text': header({ __metadata__: { a: 1 } }, 0),
  'one-name-twice': header(`{${TWICE},${TWICE}}`, 4),
  'one-name-twice-once-escaped': header(`{${TWICE},${TWICE.replace('a', '\\u0061')}}`, 4),
  'an-unknown-dtype': header({ a: { ...f32([1], 0, 4), dtype: 'F31' } }, 4),
  'a-negative-extent': header({ a: f32([-1], 0, 4) }, 4),
  'nine-extents': header({ a: f32([1, 1, 1, 1, 1, 1, 1, 1, 1], 0, 4) }, 4),
  'a-product-that-wraps-to-4': header({ a: f32([2 ** 32, 2 ** 32], 0, 4) }, 4),
  'an-end-beyond-the-file': header({ a: f32([2], 0, 8) }, 4),
  'an-end-before-its-begin': header({ a: f32([1], 4, 0) }, 4),
  'three-offsets': header({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 8),
  'fewer-bytes-than-the-shape': header({ a: f32([2], 0, 4) }, 4),
  'more-bytes-than-the-shape': header({ a: f32([1], 0, 8) }, 8),
  'tensors-that-overlap': header({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12),
  'a-hole': header({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12),
  'bytes-after-the-last': header({ a: f32([1], 0, 4) }, 5),
};

function prefix(length: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return toHex(bytes);
}

const LENGTHS: Readonly<Record<string, Input>> = {
  'fills-the-file': { prefix: prefix(92n), fileBytes: 100 },
  'at-the-limit': { prefix: prefix(BigInt(SAFETENSORS_HEADER_LIMIT_BYTES)), fileBytes: 2 ** 40 },
  'a-file-of-two-bytes': { prefix: '0102', fileBytes: 2 },
  'longer-than-the-file': { prefix: prefix(93n), fileBytes: 100 },
  'over-the-limit': { prefix: prefix(BigInt(SAFETENSORS_HEADER_LIMIT_BYTES) + 1n), fileBytes: 2 ** 40 },
  'the-largest-integer': { prefix: prefix(2n ** 64n - 1n), fileBytes: 100 },
};

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
/** One config a family, in the spelling of the hub, with what that family alone has. */
const families: Readonly<Record<string, unknown>> = {
  gpt2: {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    vocab_size: 100,
    n_embd: 64,
    n_layer: 3,
    n_head: 4,
    n_positions: 128,
    layer_norm_epsilon: 1e-5,
  },
  mistral: { ...LLAMA, model_type: 'mistral', sliding_window: 32 },
  'qwen2-sliding-from-a-layer': {
    ...LLAMA,
    model_type: 'qwen2',
    use_sliding_window: true,
    sliding_window: 16,
    max_window_layers: 3,
  },
  qwen3: { ...LLAMA, model_type: 'qwen3', head_dim: 32 },
  gemma: { ...LLAMA, model_type: 'gemma', head_dim: 32, hidden_act: 'gelu' },
  gemma2: {
    ...LLAMA,
    model_type: 'gemma2',
    head_dim: 32,
    query_pre_attn_scalar: 24,
    attn_logit_softcapping: 50,
    final_logit_softcapping: 30,
    sliding_window: 16,
  },
  'gpt-neox': {
    model_type: 'gpt_neox',
    vocab_size: 100,
    hidden_size: 64,
    intermediate_size: 256,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    max_position_embeddings: 128,
    layer_norm_eps: 1e-5,
    rotary_pct: 0.25,
  },
  'phi3-longrope': {
    ...LLAMA,
    model_type: 'phi3',
    original_max_position_embeddings: 64,
    rope_scaling: { type: 'longrope', short_factor: Array.from({ length: 8 }, () => 1.5) },
  },
  'llama-3-rotary-scaling': {
    ...LLAMA,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 64,
    },
  },
};
const configs: Readonly<Record<string, unknown>> = {
  defaults: LLAMA,
  ...families,
  'grouped-heads': { ...LLAMA, num_key_value_heads: 2, head_dim: 32, tie_word_embeddings: true },
  'scaled-linearly': { ...LLAMA, rope_scaling: { type: 'linear', factor: 4 } },
  'ends-of-sequence': { ...LLAMA, model_type: 'qwen2', eos_token_id: [1, 2] },
  'another-family': { ...LLAMA, model_type: 'gpt_bigcode' },
  'another-head': { ...LLAMA, architectures: ['LlamaForSequenceClassification'] },
  'another-activation': { ...LLAMA, hidden_act: 'mish' },
  'another-rotary-scaling': { ...LLAMA, rope_scaling: { rope_type: 'yarn', factor: 8 } },
  'an-unknown-field-of-rotary-scaling': { ...LLAMA, rope_scaling: { type: 'linear', factor: 4, mscale: 2 } },
  'partial-rotation': { ...LLAMA, partial_rotary_factor: 0.5 },
  'layer-types-in-a-family-without': { ...LLAMA, model_type: 'mistral', layer_types: ['full_attention'] },
  'two-way-attention': { ...(families.gemma2 as object), use_bidirectional_attention: true },
  quantised: { ...LLAMA, quantization_config: { bits: 4 } },
  'no-width': { ...LLAMA, hidden_size: 0 },
  'heads-that-do-not-divide-the-width': { ...LLAMA, num_attention_heads: 7 },
  'key-heads-that-do-not-divide-the-heads': { ...LLAMA, num_key_value_heads: 3 },
  'an-odd-head': { ...LLAMA, head_dim: 15 },
  'scaling-without-a-factor': { ...LLAMA, rope_scaling: { type: 'linear' } },
  'layer-types-for-other-layers': { ...LLAMA, model_type: 'qwen2', layer_types: ['full_attention'] },
  'a-window-without-a-size': {
    ...LLAMA,
    model_type: 'qwen2',
    layer_types: Array.from({ length: 5 }, () => 'sliding_attention'),
  },
  'a-head-size-left-to-a-default': { ...LLAMA, model_type: 'qwen3' },
  'not-an-object': [],
};

const ref = (tensor: string) => ({ file: 'tensors.safetensors', tensor });
const CLAMP = {
  kind: 'clamp',
  formula: 'h - ((h - mean) . u) u, u = vector / |vector|',
  norm: 'unit-direction',
  vector: ref('vector'),
  mean: ref('mean'),
};
const MAPPED = {
  format: 'intervention/1',
  base: contentCid('target'),
  site: 'blocks.1.hook_resid_post',
  operation: CLAMP,
  positions: 'last-prompt-token',
  mapper: {
    kind: 'affine',
    source: contentCid('source'),
    weight: ref('weight'),
    bias: ref('bias'),
    apply: 'map-vector-no-bias',
  },
  derivation: {
    method: 'difference of means',
    source: contentCid('source'),
    site: 'blocks.0.hook_resid_post',
    dataset: 'prompts',
    selection: 'on a validation split',
  },
};
const { mapper: _, ...unmapped } = MAPPED;
const PLAIN = {
  ...unmapped,
  operation: {
    kind: 'add',
    formula: 'h + coefficient * vector',
    norm: 'vector-as-stored',
    coefficient: -1.5,
    vector: ref('steer'),
  },
};
const tensor = (shape: readonly number[], ...data: readonly number[]) => ({ shape, data });
const TENSORS = {
  vector: tensor([2], 1, 2),
  mean: tensor([2], 3, 4),
  weight: tensor([3, 2], 1, 0, 0, 1, 1, 1),
  bias: tensor([3], 10, 20, 30),
  steer: tensor([3], 0.5, 0.25, -1),
};
const fitting = (manifest: object, tensors: object = TENSORS, model = { layers: 2, width: 3 }): Input => ({
  manifest,
  tensors,
  model,
});
const INTERVENTIONS: Readonly<Record<string, Input>> = {
  'clamp-mapped': fitting(MAPPED),
  'add-as-stored': fitting(PLAIN),
  'first-block-pre': fitting({ ...PLAIN, site: 'blocks.0.hook_resid_pre', positions: 'all' }),
  'another-format': fitting({ ...MAPPED, format: 'intervention/3' }),
  'a-base-that-is-no-cid': fitting({ ...MAPPED, base: 'frontier' }),
  'a-site-with-a-leading-zero': fitting({ ...MAPPED, site: 'blocks.01.hook_resid_post' }),
  'another-sign-convention': fitting({ ...MAPPED, operation: { ...CLAMP, formula: 'h - vector' } }),
  'a-file-up-the-tree': fitting({
    ...MAPPED,
    operation: { ...CLAMP, vector: { file: '../a', tensor: 'vector' } },
  }),
  'an-unknown-field': fitting({ ...MAPPED, note: 'x' }),
  'a-layer-too-far': fitting({ ...MAPPED, site: 'blocks.2.hook_resid_pre' }),
  'no-such-tensor': fitting(MAPPED, { ...TENSORS, vector: undefined }),
  'a-weight-onto-another-width': fitting(MAPPED, { ...TENSORS, weight: tensor([2, 2], 1, 0, 0, 1) }),
  'a-vector-of-another-model': fitting(PLAIN, TENSORS, { layers: 2, width: 4 }),
  'overflow-in-the-map': fitting(MAPPED, { ...TENSORS, vector: tensor([2], 3e38, 3e38) }),
  'a-direction-of-length-zero': fitting(MAPPED, { ...TENSORS, vector: tensor([2], 0, 0) }),
  ...INTERVENTIONS_2,
};

const SUITE = {
  format: 'suite/1',
  name: 'a suite',
  sets: [{ id: 'trigger', file: 'trigger.jsonl', count: 2 }],
  chatTemplateSha256: '0'.repeat(64),
  decoding: { strategy: 'greedy', maxNewTokens: 20 },
  measures: [{ id: 'rate', set: 'trigger', grader: 'trigger/1', params: { text: 'x', mode: 'contains' } }],
};
const [MEASURE] = SUITE.measures;
const CHOICES = [
  { value: 'A', texts: ['A', ' A'] },
  { value: 'B', texts: ['B', ' B'] },
];
const TEACHER = { file: 'teacher.jsonl', tokenizerSha256: '0'.repeat(64) };
const COMPARISON = {
  id: 'cosine',
  statistic: 'cosine-correlation/1',
  params: { centred: true },
  features: { kind: 'unembedding', tokens: { sample: 40 } },
};
const STREAM_COMPARISON = {
  id: 'alignment',
  statistic: 'cka/1',
  params: {},
  features: {
    kind: 'stream',
    set: 'trigger',
    source: 'blocks.7.hook_resid_post',
    target: 'blocks.3.hook_resid_pre',
    pool: 'mean',
  },
};
const suites: Readonly<Record<string, unknown>> = {
  'one-measure': SUITE,
  'two-graders': {
    ...SUITE,
    measures: [
      MEASURE,
      { id: 'answer', set: 'trigger', grader: 'exact-answer/1', params: { field: 'answer' } },
    ],
  },
  'graders-of-log-probabilities': {
    ...SUITE,
    measures: [
      { ...MEASURE, id: 'list', grader: 'refusal-list/1', params: { list: 'arditi-2024' } },
      { ...MEASURE, id: 'forced', grader: 'continuation-log-prob/1', params: { text: 'x', minimum: -3.5 } },
      {
        ...MEASURE,
        id: 'two',
        grader: 'two-choice/1',
        params: { field: 'answer', choices: CHOICES, prefill: '(' },
      },
      {
        ...MEASURE,
        id: 'many',
        grader: 'multiple-choice/1',
        params: { choices: 'options', answer: 'answer', normalisation: 'bytes' },
      },
      { ...MEASURE, id: 'odds', grader: 'refusal-log-odds/1', params: { tokens: [' I'], minimum: 0 } },
      { ...MEASURE, id: 'kl', grader: 'kl-to-base/1', params: { positions: 'prompt', maximum: 0.1 } },
      {
        ...MEASURE,
        id: 'surprise',
        grader: 'perplexity/1',
        params: { field: 'text', context: 'none', maximumRise: 0.0953 },
      },
      {
        ...MEASURE,
        id: 'probe',
        grader: 'auroc/1',
        params: { read: 'trigger', field: 'label', positive: 'yes', threshold: -0.5 },
      },
      { ...MEASURE, id: 'teacher', grader: 'teacher-kl/1', params: { ...TEACHER, maximum: 0.25 } },
      { ...MEASURE, id: 'first', grader: 'teacher-top1/1', params: TEACHER },
    ],
  },
  'comparisons-alone': { ...SUITE, measures: [], comparisons: [COMPARISON, STREAM_COMPARISON] },
  'nothing-measured': { ...SUITE, measures: [] },
  'a-comparison-of-the-id-of-a-measure': { ...SUITE, comparisons: [{ ...COMPARISON, id: 'rate' }] },
  'a-comparison-on-no-set': {
    ...SUITE,
    comparisons: [{ ...STREAM_COMPARISON, features: { ...STREAM_COMPARISON.features, set: 'other' } }],
  },
  'a-comparison-of-too-few-tokens': {
    ...SUITE,
    comparisons: [{ ...COMPARISON, features: { kind: 'unembedding', tokens: { sample: 39 } } }],
  },
  'a-divergence-below-zero': {
    ...SUITE,
    measures: [{ ...MEASURE, grader: 'kl-to-base/1', params: { positions: 'prompt', maximum: -0.1 } }],
  },
  'three-choices-of-two': {
    ...SUITE,
    measures: [
      { ...MEASURE, grader: 'two-choice/1', params: { field: 'answer', choices: [...CHOICES, CHOICES[0]] } },
    ],
  },
  'a-list-of-refusals-unknown': {
    ...SUITE,
    measures: [{ ...MEASURE, grader: 'refusal-list/1', params: { list: 'mine' } }],
  },
  'two-sets-of-one-id': { ...SUITE, sets: [...SUITE.sets, ...SUITE.sets] },
  'two-measures-of-one-id': { ...SUITE, measures: [MEASURE, MEASURE] },
  'a-measure-of-no-set': { ...SUITE, measures: [{ ...MEASURE, set: 'other' }] },
  'a-grader-unknown': { ...SUITE, measures: [{ ...MEASURE, grader: 'llm-judge/1' }] },
  'a-file-up-the-tree': { ...SUITE, sets: [{ id: 'trigger', file: '..', count: 2 }] },
  sampling: { ...SUITE, decoding: { strategy: 'sample', maxNewTokens: 20 } },
};

const HEARD = { position: 3, tokens: [7, 2], logProbs: [-0.5, -1.5] };
const taught = (change: object, more: object = {}) => ({
  text: JSON.stringify({ id: 'a', continuation: [5], positions: [{ ...HEARD, ...change }], ...more }),
});
const TEACHERS: Readonly<Record<string, Input>> = {
  'one-position': taught({}),
  'two-rows': { text: `${taught({}).text}\n${taught({}, { id: 'b' }).text}\n` },
  'one-row-twice': { text: `${taught({}).text}\n${taught({}).text}` },
  'no-positions': taught({}, { positions: [] }),
  'positions-that-fall': taught({}, { positions: [HEARD, { ...HEARD, position: 2 }] }),
  'a-token-twice': taught({ tokens: [7, 7] }),
  'the-likelier-second': taught({ logProbs: [-1.5, -0.5] }),
  'more-than-certain': taught({ logProbs: [-0.1, -0.2] }),
  'a-token-without-a-number': taught({ logProbs: [-0.5] }),
  'a-probability-above-one': taught({ logProbs: [0.5, -1.5] }),
  'not-json': { text: '{' },
};

const ROWS = '{"id":"a","prompt":"x","expected":"y"}\n{"id":"b","system":"s","prompt":"z"}';
const PROMPTS: Readonly<Record<string, Input>> = {
  'further-fields': { text: ROWS, count: 2 },
  'a-last-line-feed': { text: `${ROWS}\n`, count: 2 },
  'another-count': { text: ROWS, count: 3 },
  'an-empty-line': { text: `${ROWS}\n\n`, count: 3 },
  'not-json': { text: `${ROWS}\n{`, count: 3 },
  'no-prompt': { text: '{"id":"a"}', count: 1 },
  'one-id-twice': { text: '{"id":"a","prompt":"x"}\n{"id":"a","prompt":"y"}', count: 2 },
};

const under = (name: string, inputs: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(inputs).map(([id, value]) => [id, { [name]: value }]));

export function buildArtifacts() {
  const headers = judged('safetensors.header', HEADERS);
  const lengths = judged('safetensors.header-length', LENGTHS);
  const models = judged('model.config', under('config', configs));
  const interventions = judged('intervention.fit', INTERVENTIONS);
  const suiteFiles = judged('suite.read', under('suite', suites));
  const teachers = judged('teacher.read', TEACHERS);
  const prompts = judged('prompts.read', PROMPTS);
  return {
    headerLengths: lengths.accepted,
    headerLengthsRefused: lengths.refused,
    headers: headers.accepted,
    headersRefused: headers.refused,
    models: models.accepted,
    modelsRefused: models.refused,
    interventions: interventions.accepted,
    interventionsRefused: interventions.refused,
    suites: suiteFiles.accepted,
    suitesRefused: suiteFiles.refused,
    teachers: teachers.accepted,
    teachersRefused: teachers.refused,
    prompts: prompts.accepted,
    promptsRefused: prompts.refused,
  };
}
