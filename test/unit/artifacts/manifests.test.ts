import { describe, expect, it } from 'vitest';
import {
  fillCheckpoints,
  type Intervention,
  parseIntervention,
  parsePrompts,
  parseSuite,
  resolveIntervention,
  type Values,
} from '../../../protocols/artifacts/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';

const CID = 'bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' as ContentId;
const ref = (tensor: string) => ({ file: 'tensors.safetensors', tensor });
const MAPPED = {
  format: 'intervention/1',
  base: CID,
  site: 'blocks.1.hook_resid_post',
  operation: {
    kind: 'clamp',
    formula: 'h - ((h - mean) . u) u, u = vector / |vector|',
    norm: 'unit-direction',
    vector: ref('vector'),
    mean: ref('mean'),
  },
  positions: 'last-prompt-token',
  mapper: {
    kind: 'affine',
    source: CID,
    weight: ref('weight'),
    bias: ref('bias'),
    apply: 'map-vector-no-bias',
  },
  derivation: { method: 'm', source: CID, site: 'blocks.0.hook_resid_post', dataset: 'd', selection: 's' },
};
const MODEL = {
  layers: 2,
  width: 3,
  linears: new Map(),
  sources: new Map(),
  transferred: new Map(),
};

function manifest(change: object = {}): Intervention {
  const parsed = parseIntervention({ ...MAPPED, ...change });
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}

const values = (shape: readonly number[], ...data: number[]): Values => ({
  shape,
  data: Float32Array.from(data),
});
const TENSORS: Readonly<Record<string, Values>> = {
  vector: values([2], 1, 2),
  mean: values([2], 3, 4),
  weight: values([3, 2], 1, 0, 0, 1, 1, 1),
  bias: values([3], 10, 20, 30),
};
const resolve = (tensors: Readonly<Record<string, Values>>, change: object = {}, model = MODEL) =>
  resolveIntervention(manifest(change), ({ tensor }) => tensors[tensor], model);

describe('resolveIntervention', () => {
  it('maps the vector without the bias and the mean with it', () => {
    expect(resolve(TENSORS)).toMatchObject({
      ok: true,
      value: {
        edits: [
          {
            point: { layer: 1, place: 'hook_resid_post' },
            positions: { kind: 'last-prompt-token' },
            operation: {
              kind: 'clamp',
              vector: Float64Array.of(1, 2, 3),
              mean: Float64Array.of(13, 24, 37),
            },
          },
        ],
      },
    });
  });
  it.each<[string, string, Readonly<Record<string, Values>>, object]>([
    ['a layer too far', 'layer-out-of-range', TENSORS, { site: 'blocks.2.hook_resid_pre' }],
    ['no vector', 'tensor-missing', { ...TENSORS, vector: undefined as never }, {}],
    ['no weight', 'tensor-missing', { ...TENSORS, weight: undefined as never }, {}],
    ['a weight onto another width', 'width-mismatch', { ...TENSORS, weight: values([2, 2], 1, 0, 0, 1) }, {}],
    ['a weight that is a vector', 'width-mismatch', { ...TENSORS, weight: values([3], 1, 0, 0) }, {}],
    ['a mean of another width', 'width-mismatch', { ...TENSORS, mean: values([3], 1, 0, 0) }, {}],
    ['NaN', 'not-finite', { ...TENSORS, mean: values([2], Number.NaN, 1) }, {}],
    ['an overflow in the map', 'not-finite', { ...TENSORS, vector: values([2], 3e38, 3e38) }, {}],
    ['a direction of length 0', 'direction-zero', { ...TENSORS, vector: values([2], 0, 0) }, {}],
    ['a source vector without its mapper', 'width-mismatch', TENSORS, { mapper: undefined }],
  ])('refuses %s', (_, reason, tensors, change) => {
    expect(resolve(tensors, change)).toMatchObject({ ok: false, reason });
  });
});

describe('parseIntervention refuses', () => {
  it.each<[string, object]>([
    ['another format', { format: 'intervention/3' }],
    ['the fields of one version under the name of the next', { format: 'intervention/2' }],
    ['a base that is no CID', { base: 'checkpoint:frontier' }],
    ['a site with a leading zero', { site: 'blocks.01.hook_resid_post' }],
    ['a site inside the block', { site: 'blocks.0.attn_out' }],
    ['another sign convention', { operation: { ...MAPPED.operation, formula: 'h - vector' } }],
    ['a file up the tree', { operation: { ...MAPPED.operation, vector: { file: '../a', tensor: 'v' } } }],
    [
      'an absolute file',
      { operation: { ...MAPPED.operation, vector: { file: '/etc/passwd', tensor: 'v' } } },
    ],
    ['positions we do not have', { positions: 'everywhere' }],
    ['an unknown field', { note: 'x' }],
  ])('%s', (_, change) => {
    expect(parseIntervention({ ...MAPPED, ...change })).toMatchObject({
      ok: false,
      reason: 'manifest-invalid',
    });
  });
});

it('fills in the CIDs it knows and leaves the others to the schema', () => {
  const template = { base: 'checkpoint:a', list: ['checkpoint:b', 'about checkpoint:a', 1, null] };
  expect(fillCheckpoints(template, new Map([['a', CID]]))).toEqual({
    base: CID,
    list: ['checkpoint:b', 'about checkpoint:a', 1, null],
  });
});

const SUITE = {
  format: 'suite/1',
  name: 'n',
  sets: [{ id: 's', file: 'p.jsonl', count: 2 }],
  chatTemplateSha256: '0'.repeat(64),
  decoding: { strategy: 'greedy', maxNewTokens: 20 },
  measures: [{ id: 'm', set: 's', grader: 'trigger/1', params: { text: 'x', mode: 'contains' } }],
};

describe('parseSuite', () => {
  it('accepts a suite', () => {
    expect(parseSuite(SUITE)).toMatchObject({ ok: true });
  });
  it.each<[string, object]>([
    ['two sets of one id', { sets: [SUITE.sets[0], SUITE.sets[0]] }],
    ['two measures of one id', { measures: [SUITE.measures[0], SUITE.measures[0]] }],
    ['a measure of no set', { measures: [{ ...SUITE.measures[0], set: 'other' }] }],
    ['a grader we do not have', { measures: [{ ...SUITE.measures[0], grader: 'llm-judge/1' }] }],
    ['a file up the tree', { sets: [{ id: 's', file: '..', count: 2 }] }],
    ['sampling', { decoding: { strategy: 'sample', maxNewTokens: 20 } }],
  ])('refuses %s', (_, change) => {
    expect(parseSuite({ ...SUITE, ...change })).toMatchObject({ ok: false, reason: 'manifest-invalid' });
  });
});

describe('parsePrompts', () => {
  const rows = '{"id":"a","prompt":"x","expected":"y"}\n{"id":"b","system":"s","prompt":"z"}';
  it.each([rows, `${rows}\n`])('keeps rows and their further fields', (text) => {
    const parsed = parsePrompts(text, 2);
    expect(parsed).toMatchObject({ ok: true });
    expect(parsed.ok && parsed.value[0]?.expected).toBe('y');
  });
  it.each<[string, string, number]>([
    ['another count', rows, 3],
    ['an empty line', `${rows}\n\n`, 3],
    ['no JSON', `${rows}\n{`, 3],
    ['no prompt', '{"id":"a"}', 1],
    ['one id twice', '{"id":"a","prompt":"x"}\n{"id":"a","prompt":"y"}', 2],
  ])('refuses %s', (_, text, count) => {
    expect(parsePrompts(text, count)).toMatchObject({ ok: false, reason: 'prompts-invalid' });
  });
});
