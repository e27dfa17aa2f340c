import { describe, expect, it } from 'vitest';
import { FORMULAS } from '../../../../protocols/artifacts/index.ts';
import { LOGIT_TOLERANCE } from '../../../../services/verifier/engine/tolerance.ts';
import { type Numbers, referenceActivations } from '../../../support/verifier/reference-decoder.ts';
import { randomTensor } from '../../../support/verifier/tiny-decoder.ts';
import {
  CONTINUATION,
  dot,
  freshWorld,
  length,
  logitError,
  numbers,
  PROMPT,
  plus,
  publishAndLoad,
  ref,
  reference,
  runTreated,
  SOURCE,
  scaled,
} from '../../../support/verifier/treated-decoder.ts';

const FEATURES = 30;
const TENSORS = {
  encoder: randomTensor('sae encoder', [24, FEATURES]),
  encoderBias: randomTensor('sae encoder bias', [FEATURES]),
  decoder: randomTensor('sae decoder', [FEATURES, 24]),
  decoderBias: randomTensor('sae decoder bias', [24]),
  threshold: { shape: [FEATURES], data: new Float32Array(FEATURES).fill(0.4) },
  probe: randomTensor('probe', [24]),
  crosscoder: randomTensor('crosscoder', [2, 24, FEATURES]),
};
const t = (name: keyof typeof TENSORS) => numbers(TENSORS[name]);
const column = (matrix: Numbers, feature: number): Numbers =>
  Array.from({ length: 24 }, (_, i) => matrix[i * FEATURES + feature] as number);
const row = (feature: number): Numbers => t('decoder').slice(feature * 24, (feature + 1) * 24);
const mean = (x: Numbers) => x.reduce((sum, value) => sum + value, 0) / x.length;
const total = PROMPT.length + CONTINUATION.length;

/** What SAELens computes, written from its documentation: input, pre-activations, activation, way back. */
const NORMALISATIONS: Readonly<Record<string, (h: Numbers) => { x: Numbers; undo: number }>> = {
  none: (h) => ({ x: h, undo: 1 }),
  'expected-average-only-in': (h) => ({ x: scaled(h, 0.25), undo: 4 }),
  'constant-norm-rescale': (h) => {
    const factor = Math.sqrt(24) / length(h);
    return { x: scaled(h, factor), undo: 1 / factor };
  },
  'layer-norm': (h) => {
    const centred = h.map((x) => x - mean(h));
    const std = Math.sqrt(dot(centred, centred) / 23); // PyTorch's std divides by n - 1
    return { x: scaled(centred, 1 / (std + 1e-5)), undo: std };
  },
};
const ACTIVATIONS: Readonly<Record<string, (all: Numbers, feature: number) => number>> = {
  relu: (all, feature) => Math.max(all[feature] as number, 0),
  'jump-relu': (all, feature) => ((all[feature] as number) > Math.fround(0.4) ? (all[feature] as number) : 0),
  'top-k': (all, feature) => {
    const largest = [...all].sort((a, b) => b - a).slice(0, 8);
    return largest.includes(all[feature] as number) ? Math.max(all[feature] as number, 0) : 0;
  },
};
const CONFIGURED = {
  relu: { kind: 'relu' },
  'jump-relu': { kind: 'jump-relu', threshold: ref('threshold') },
  'top-k': { kind: 'top-k', k: 8 },
  none: { kind: 'none' },
  'expected-average-only-in': { kind: 'expected-average-only-in', scale: 0.25 },
  'constant-norm-rescale': { kind: 'constant-norm-rescale' },
  'layer-norm': { kind: 'layer-norm', epsilon: 1e-5 },
};

interface Kind {
  readonly activation: keyof typeof CONFIGURED;
  readonly normalisation: keyof typeof CONFIGURED;
  readonly subtract: boolean;
}
const published = ({ activation, normalisation, subtract }: Kind, decoderRows = 'as-stored') => ({
  activation: CONFIGURED[activation],
  normalisation: CONFIGURED[normalisation],
  encoder: ref('encoder'),
  encoderBias: ref('encoderBias'),
  decoder: ref('decoder'),
  decoderBias: ref('decoderBias'),
  subtractDecoderBias: subtract,
  decoderRows,
});
function featureOf({ activation, normalisation, subtract }: Kind, h: Numbers, feature: number) {
  const { x, undo } = NORMALISATIONS[normalisation]?.(h) ?? { x: h, undo: 1 };
  const input = subtract ? plus(x, t('decoderBias'), -1) : x;
  const all = Array.from(
    { length: FEATURES },
    (_, f) => dot(input, column(t('encoder'), f)) + (t('encoderBias')[f] as number),
  );
  return { value: ACTIVATIONS[activation]?.(all, feature) ?? Number.NaN, undo };
}
const KINDS: readonly Kind[] = [
  { activation: 'relu', normalisation: 'none', subtract: true },
  { activation: 'relu', normalisation: 'none', subtract: false },
  { activation: 'jump-relu', normalisation: 'none', subtract: false },
  { activation: 'top-k', normalisation: 'none', subtract: true },
  { activation: 'relu', normalisation: 'expected-average-only-in', subtract: true },
  { activation: 'jump-relu', normalisation: 'constant-norm-rescale', subtract: false },
  { activation: 'top-k', normalisation: 'layer-norm', subtract: true },
];

const world = await freshWorld();

const AT = 'blocks.1.hook_resid_post';
const touching = (change: (h: Numbers) => Numbers) => ({
  touch: (point: string, _: number, h: Numbers) => (point === AT ? change(h) : h),
});
/** A feature that is active somewhere and silent elsewhere, so that both sides of its activation are seen. */
const FEATURE = 5;

describe.each(KINDS)('$activation, $normalisation, decoder bias subtracted: $subtract', (kind) => {
  it.each(['none', 'undo-normalisation'])('clamp to a value, scale %s', async (scale) => {
    const edit = {
      kind: 'sae-clamp',
      formula: FORMULAS.saeClamp,
      at: AT,
      positions: { kind: 'all' },
      autoencoder: published(kind),
      feature: FEATURE,
      value: 5,
      scale,
    };
    const options = touching((h) => {
      const { value, undo } = featureOf(kind, h, FEATURE);
      return plus(h, row(FEATURE), (5 - value) * (scale === 'none' ? 1 : undo));
    });
    const { logits } = await runTreated(
      world,
      await publishAndLoad(world, { edits: [edit], tensors: TENSORS }),
    );
    expect(logitError(logits[1] ?? [], reference(world, PROMPT, options))).toBeLessThan(LOGIT_TOLERANCE);
  });
  it('read at every token, the largest', async () => {
    const readAs = (pool: string) => ({
      kind: 'sae-feature',
      id: pool,
      formula: FORMULAS.saeFeature,
      at: AT,
      positions: { kind: 'all' },
      pool,
      autoencoder: published(kind),
      feature: FEATURE,
    });
    const reads = ['max', 'mean', 'last'].map(readAs);
    const { settled } = await runTreated(world, await publishAndLoad(world, { reads, tensors: TENSORS }));
    const { checkpoint, tensors } = world.target;
    const seen = referenceActivations(checkpoint.config, tensors, [...PROMPT, ...CONTINUATION], AT);
    const values = seen.map((h) => featureOf(kind, h, FEATURE).value);
    const got = settled[1]?.reads;
    expect(got?.get('max')).toBeCloseTo(Math.max(...values), 4);
    expect(got?.get('mean')).toBeCloseTo(mean(values), 4);
    expect(got?.get('last')).toBeCloseTo(values.at(-1) as number, 4);
    expect(settled[1]?.hook).toEqual({ expected: 3 * total, applied: 3 * total });
  });
});

it('the feature is active at some tokens and silent at others', () => {
  const { checkpoint, tensors } = world.target;
  const seen = referenceActivations(checkpoint.config, tensors, [...PROMPT, ...CONTINUATION], AT);
  for (const kind of KINDS) {
    const active = seen.filter((h) => featureOf(kind, h, FEATURE).value > 0).length;
    expect([active > 0, active < total]).toEqual([true, true]);
  }
});

it.each(['as-stored', 'unit'])('add a row of the decoder, %s', async (decoderRows) => {
  const kind = KINDS[0] as Kind;
  const edit = {
    kind: 'sae-add',
    formula: FORMULAS.saeAdd,
    at: AT,
    positions: { kind: 'all' },
    autoencoder: published(kind, decoderRows),
    feature: FEATURE,
    strength: 6,
    scale: 'none',
  };
  const direction = decoderRows === 'unit' ? scaled(row(FEATURE), 1 / length(row(FEATURE))) : row(FEATURE);
  const { logits } = await runTreated(
    world,
    await publishAndLoad(world, { edits: [edit], tensors: TENSORS }),
  );
  const expected = reference(
    world,
    PROMPT,
    touching((h) => plus(h, direction, 6)),
  );
  expect(logitError(logits[1] ?? [], expected)).toBeLessThan(LOGIT_TOLERANCE);
});

describe('reads', () => {
  const activations = (which: 'target' | 'source', point: string) => {
    const { checkpoint, tensors } = world[which];
    return referenceActivations(checkpoint.config, tensors, [...PROMPT, ...CONTINUATION], point);
  };
  it.each([
    ['the last prompt token', { kind: 'last-prompt-token' }, PROMPT.length - 1],
    ['the one before it', { kind: 'from-end', index: 1 }, PROMPT.length - 2],
  ])('a linear probe at %s', async (_, positions, at) => {
    const read = {
      kind: 'probe',
      id: 'p',
      formula: FORMULAS.probe,
      at: 'blocks.1.mlp_out',
      positions,
      pool: 'last',
      weight: ref('probe'),
      bias: -0.5,
    };
    const { settled, logits } = await runTreated(
      world,
      await publishAndLoad(world, { reads: [read], tensors: TENSORS }),
    );
    const h = activations('target', 'blocks.1.mlp_out')[at] as Numbers;
    expect(settled[1]?.reads.get('p')).toBeCloseTo(dot(h, t('probe')) - 0.5, 4);
    expect(settled[1]?.hook).toEqual({ expected: 1, applied: 1 });
    expect(logits[1]).toEqual(logits[0]);
  });
  it('a read after an edit at the same point sees what the edit made', async () => {
    const edit = {
      kind: 'replace',
      formula: FORMULAS.replace,
      at: AT,
      positions: { kind: 'all' },
      value: { kind: 'stored', tensor: ref('probe') },
    };
    const read = {
      kind: 'probe',
      id: 'p',
      formula: FORMULAS.probe,
      at: AT,
      positions: { kind: 'prompt' },
      pool: 'mean',
      weight: ref('probe'),
      bias: 0,
    };
    const { settled } = await runTreated(
      world,
      await publishAndLoad(world, { edits: [edit], reads: [read], tensors: TENSORS }),
    );
    expect(settled[1]?.reads.get('p')).toBeCloseTo(dot(t('probe'), t('probe')), 4);
  });
  it('a crosscoder over two places of the model', async () => {
    const places = ['blocks.0.hook_resid_post', 'blocks.2.attn_out'];
    const read = {
      kind: 'crosscoder-feature',
      id: 'c',
      formula: FORMULAS.crosscoderFeature,
      positions: { kind: 'prompt' },
      pool: 'max',
      models: places.map((at, i) => ({ model: 'base', at, scale: 1 + i })),
      encoder: ref('crosscoder'),
      bias: ref('encoderBias'),
      feature: 4,
    };
    const { settled } = await runTreated(
      world,
      await publishAndLoad(world, { reads: [read], tensors: TENSORS }),
    );
    const seen = places.map((at) => activations('target', at));
    const values = PROMPT.map((_, at) => {
      const parts = seen.map((all, m) => {
        const encoder = t('crosscoder').slice(m * 24 * FEATURES, (m + 1) * 24 * FEATURES);
        return (1 + m) * dot(all[at] as Numbers, column(encoder, 4));
      });
      return Math.max(0, parts.reduce((a, b) => a + b, 0) + (t('encoderBias')[4] as number));
    });
    expect(settled[1]?.reads.get('c')).toBeCloseTo(Math.max(...values), 4);
    expect(settled[1]?.hook).toEqual({ expected: 2 * PROMPT.length, applied: 2 * PROMPT.length });
  });
  it('a crosscoder over a model of another width is refused', async () => {
    const read = {
      kind: 'crosscoder-feature',
      id: 'c',
      formula: FORMULAS.crosscoderFeature,
      positions: { kind: 'prompt' },
      pool: 'max',
      models: ['base', SOURCE].map((model) => ({ model, at: AT, scale: 1 })),
      encoder: ref('crosscoder'),
      bias: ref('encoderBias'),
      feature: 4,
    };
    await expect(publishAndLoad(world, { reads: [read], tensors: TENSORS })).rejects.toMatchObject({
      code: 'intervention-invalid',
      details: { reason: 'width-mismatch' },
    });
  });
});
