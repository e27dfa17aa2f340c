import { contentCid } from '../samples.ts';

/** Manifests of the second version, with the tensors and the model that they are fitted to. */
const ref = (tensor: string) => ({ file: 'tensors.safetensors', tensor });
const tensor = (shape: readonly number[], ...data: readonly number[]) => ({ shape, data });

const POINT = 'blocks.1.hook_resid_post';
const TENSORS = {
  direction: tensor([3], 0, 3, 4),
  rows: tensor([2, 3], 1, 0, 0, 0, 1, 0),
  plus: tensor([2], 2, 1),
  minus: tensor([2], 1, 3),
  activations: tensor([2, 2], 2, 1, -2, 1),
  mean: tensor([3], 1, 1, 1),
  weight: tensor([3, 2], 1, 0, 0, 1, 1, 1),
  bias: tensor([3], 10, 20, 30),
  encoder: tensor([2, 2], 1, 0, 0, 1),
  encoderBias: tensor([2], 0.5, -0.5),
  decoder: tensor([3, 2], 1, 2, 3, 4, 5, 6),
  saeEncoder: tensor([3, 2], 1, 2, 3, 4, 5, 6),
  saeDecoder: tensor([2, 3], 0, 3, 4, 6, 8, 0),
  saeBias: tensor([2], 0.5, -0.5),
  threshold: tensor([2], 0.25, 0.75),
  a: tensor([1, 3], 1, 2, 3),
  b: tensor([4, 1], 1, 2, 3, 4),
  left: tensor([4], 1, 0, 0, -1),
  crosscoder: tensor([2, 3, 2], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  huge: tensor([2], 3e38, 3e38),
};
const MODEL = {
  layers: 2,
  width: 3,
  linears: { up: { inputs: 3, outputs: 4, writes: false }, down: { inputs: 4, outputs: 3, writes: true } },
  sources: { [contentCid('source')]: { layers: 4, width: 2 } },
};

const derivation = {
  method: 'difference of means',
  source: contentCid('source'),
  point: 'blocks.0.hook_resid_post',
  dataset: 'prompts',
  selection: 'on a validation split',
};
const all = { kind: 'all' };
const manifest = (edits: readonly object[], reads: readonly object[] = []) => ({
  format: 'intervention/2',
  base: contentCid('target'),
  edits,
  reads,
  derivation,
});
const stored = (name: string) => ({ kind: 'stored', tensor: ref(name) });
const ADD = {
  kind: 'add',
  formula: 'h + coefficient * vector',
  at: POINT,
  positions: all,
  coefficient: -1.5,
  vector: stored('direction'),
  norm: 'as-stored',
  restoreNorm: false,
};
const ABLATE = {
  kind: 'ablate',
  formula: 'h - (h . u) u, u = vector / |vector|',
  at: 'everywhere',
  positions: all,
  vector: stored('direction'),
};
const AFFINE = {
  kind: 'affine',
  source: contentCid('source'),
  weight: ref('weight'),
  bias: ref('bias'),
  apply: 'map-then-difference',
};
const AUTOENCODER_MAP = {
  kind: 'relu-autoencoder',
  source: contentCid('source'),
  encoder: ref('encoder'),
  encoderBias: ref('encoderBias'),
  decoder: ref('decoder'),
  decoderBias: ref('bias'),
  apply: 'map-then-difference',
  affine: { weight: ref('weight'), bias: null },
};
const difference = { kind: 'difference', plus: ref('plus'), minus: ref('minus') };
const CONTRAST = {
  ...ADD,
  positions: { kind: 'contrast', whereAbsent: 'no-edit' },
  vector: { kind: 'contrast', plus: '|dev|', minus: '|prod|', model: 'base', point: 'blocks.0.attn_out' },
};
const SAE = {
  activation: { kind: 'jump-relu', threshold: ref('threshold') },
  normalisation: { kind: 'layer-norm', epsilon: 1e-5 },
  encoder: ref('saeEncoder'),
  encoderBias: ref('saeBias'),
  decoder: ref('saeDecoder'),
  decoderBias: ref('mean'),
  subtractDecoderBias: true,
  decoderRows: 'unit',
};
const SAE_CLAMP = {
  kind: 'sae-clamp',
  formula: 'h + (value - f(h)) * scale * decoder[feature]',
  at: 'blocks.0.mlp_out',
  positions: { kind: 'span', text: '|prod|', occurrence: 'every', whereAbsent: 'no-edit' },
  autoencoder: SAE,
  feature: 1,
  value: 0,
  scale: 'undo-normalisation',
};
const LORA = {
  kind: 'lora',
  formula: 'W + scale * B A',
  scale: 'alpha/sqrt(rank)',
  modules: [{ weight: 'up', a: ref('a'), b: ref('b'), rank: 1, alpha: 16 }],
};
const RANK_ONE = {
  kind: 'rank-one',
  formula: 'W + coefficient * left right^T',
  weight: 'up',
  left: ref('left'),
  right: ref('direction'),
  coefficient: 0.5,
};
const ORTHOGONALISE = {
  kind: 'orthogonalise',
  formula: 'W - u u^T W, u = vector / |vector|',
  weights: 'writers',
  tiedUnembedding: 'unchanged',
  vector: stored('direction'),
};
const PROBE = {
  kind: 'probe',
  id: 'defection',
  formula: 'h . weight + bias',
  at: POINT,
  positions: { kind: 'from-end', index: 1 },
  pool: 'last',
  weight: ref('direction'),
  bias: -0.5,
};
const CROSSCODER = {
  kind: 'crosscoder-feature',
  id: 'shared',
  formula: 'relu(sum over models of (scale * h) . encoder[model, :, feature] + bias[feature])',
  positions: { kind: 'prompt' },
  pool: 'max',
  models: [
    { model: 'base', at: POINT, scale: 1 },
    { model: 'base', at: 'blocks.1.hook_resid_pre', scale: 0.5 },
  ],
  encoder: ref('crosscoder'),
  bias: ref('saeBias'),
  feature: 1,
};

const fitted = (
  edits: readonly object[],
  reads: readonly object[] = [],
  tensors: Readonly<Record<string, ReturnType<typeof tensor>>> = TENSORS,
) => ({
  manifest: manifest(edits, reads),
  tensors,
  model: MODEL,
});

export const INTERVENTIONS_2 = {
  'add-unit': fitted([{ ...ADD, norm: 'unit', restoreNorm: true }]),
  'add-positional': fitted([
    { ...ADD, positions: { kind: 'range', from: 1, count: 2 }, vector: stored('rows') },
  ]),
  'add-difference-mapped': fitted([{ ...ADD, vector: difference, mapper: AFFINE }]),
  'add-vector-mapped-with-its-bias': fitted([
    { ...ADD, vector: difference, mapper: { ...AFFINE, apply: 'map-vector' } },
  ]),
  'add-difference-through-an-autoencoder': fitted([{ ...ADD, vector: difference, mapper: AUTOENCODER_MAP }]),
  'add-activations-through-an-autoencoder': fitted([
    { ...ADD, vector: { ...difference, plus: ref('activations') }, mapper: AUTOENCODER_MAP },
  ]),
  'add-vector-through-an-autoencoder': fitted([
    { ...ADD, vector: difference, mapper: { ...AUTOENCODER_MAP, apply: 'map-vector' } },
  ]),
  'add-vector-through-an-autoencoder-without-biases': fitted([
    { ...ADD, vector: difference, mapper: { ...AUTOENCODER_MAP, apply: 'map-vector-no-bias' } },
  ]),
  'add-contrast': fitted([CONTRAST]),
  'ablate-everywhere': fitted([ABLATE]),
  'replace-with-a-mean': fitted([
    { kind: 'replace', formula: 'value', at: POINT, positions: all, value: stored('mean') },
  ]),
  'sae-clamp': fitted([SAE_CLAMP]),
  lora: fitted([LORA]),
  'lora-by-rank': fitted([{ ...LORA, scale: 'alpha/rank' }]),
  'rank-one': fitted([RANK_ONE]),
  orthogonalise: fitted([ORTHOGONALISE]),
  probe: fitted([], [PROBE]),
  crosscoder: fitted([], [CROSSCODER]),
  'nothing-at-all': fitted([]),
  'a-contrast-for-every-token': fitted([{ ...CONTRAST, positions: all }]),
  'a-contrast-of-nothing': fitted([{ ...ADD, positions: CONTRAST.positions }]),
  'a-difference-that-is-not-one': fitted([{ ...ADD, vector: stored('plus'), mapper: AFFINE }]),
  'a-clamp-by-least-squares': fitted([
    {
      kind: 'clamp',
      formula: 'h - ((h - mean) . u) u, u = vector / |vector|',
      at: POINT,
      positions: all,
      vector: stored('direction'),
      mean: ref('mean'),
      mapper: {
        kind: 'unembedding-least-squares',
        source: contentCid('source'),
        tokens: 'all',
        ridge: 0,
        published: ref('direction'),
      },
    },
  ]),
  'two-reads-of-one-id': fitted([], [PROBE, PROBE]),
  'positions-without-a-text': fitted([{ ...ADD, positions: { kind: 'span', text: '' } }]),
  'a-file-up-the-tree-2': fitted([
    { ...ADD, vector: { kind: 'stored', tensor: { file: '../a', tensor: 'v' } } },
  ]),
  'no-such-layer': fitted([{ ...ADD, at: 'blocks.2.attn_out' }]),
  'no-such-weight': fitted([{ ...RANK_ONE, weight: 'sideways' }]),
  'a-weight-that-does-not-write': fitted([{ ...ORTHOGONALISE, weights: ['up'] }]),
  'no-such-feature': fitted([{ ...SAE_CLAMP, feature: 2 }]),
  'a-source-that-is-not-here': fitted([
    { ...CONTRAST, vector: { ...CONTRAST.vector, model: contentCid('elsewhere') } },
  ]),
  'factors-of-another-rank': fitted([{ ...LORA, modules: [{ ...LORA.modules[0], rank: 2 }] }]),
  'an-encoder-of-another-width': fitted([{ ...SAE_CLAMP, autoencoder: { ...SAE, encoder: ref('encoder') } }]),
  'overflow-in-the-difference': fitted([
    { ...ADD, vector: { ...difference, plus: ref('huge') }, mapper: AFFINE },
  ]),
  'a-direction-of-length-zero-2': fitted([ABLATE], [], { ...TENSORS, direction: tensor([3], 0, 0, 0) }),
};
