import { describe, expect, it } from 'vitest';
import { FORMULAS } from '../../../../protocols/artifacts/index.ts';
import { LOGIT_TOLERANCE } from '../../../../services/verifier/engine/tolerance.ts';
import {
  type Numbers,
  type ReferenceOptions,
  referenceActivations,
} from '../../../support/verifier/reference-decoder.ts';
import { randomTensor } from '../../../support/verifier/tiny-decoder.ts';
import {
  CONTINUATION,
  dot,
  freshWorld,
  LETTERS,
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
  times,
} from '../../../support/verifier/treated-decoder.ts';

const TENSORS = {
  plus: randomTensor('plus', [16], 2),
  minus: randomTensor('minus', [16], 2),
  many: randomTensor('many', [3, 16], 2),
  mean: randomTensor('source mean', [16], 2),
  weight: randomTensor('weight', [24, 16]),
  bias: randomTensor('bias', [24]),
  encoder: randomTensor('encoder', [20, 16]),
  encoderBias: randomTensor('encoder bias', [20]),
  decoder: randomTensor('decoder', [24, 20]),
};
const t = (name: keyof typeof TENSORS) => numbers(TENSORS[name]);

const MAPS = {
  affine: (x: Numbers, biased: boolean) => plus(times(t('weight'), x), t('bias'), biased ? 1 : 0),
  'relu-autoencoder': (x: Numbers, biased: boolean) => {
    const code = plus(times(t('encoder'), x), t('encoderBias'), biased ? 1 : 0).map((c) => Math.max(c, 0));
    return plus(times(t('decoder'), code), t('bias'), biased ? 1 : 0);
  },
};
const APPLIED = {
  'map-vector': (map: Map) => map(plus(t('plus'), t('minus'), -1), true),
  'map-vector-no-bias': (map: Map) => map(plus(t('plus'), t('minus'), -1), false),
  'map-then-difference': (map: Map) => plus(map(t('plus'), true), map(t('minus'), true), -1),
};
type Map = (x: Numbers, biased: boolean) => Numbers;

const MAPPERS = {
  affine: { kind: 'affine', source: SOURCE, weight: ref('weight'), bias: ref('bias') },
  'relu-autoencoder': {
    kind: 'relu-autoencoder',
    source: SOURCE,
    encoder: ref('encoder'),
    encoderBias: ref('encoderBias'),
    decoder: ref('decoder'),
    decoderBias: ref('bias'),
    affine: { weight: ref('weight'), bias: ref('bias') },
  },
};
const AT = 'blocks.1.hook_resid_post';
const ADD = {
  kind: 'add',
  formula: FORMULAS.add,
  at: AT,
  positions: { kind: 'all' },
  coefficient: 2,
  norm: 'as-stored',
  restoreNorm: false,
};
const difference = { kind: 'difference', plus: ref('plus'), minus: ref('minus') };

const world = await freshWorld();

async function errorOf(edit: object, options: ReferenceOptions): Promise<number> {
  const intervention = await publishAndLoad(world, { edits: [edit], tensors: TENSORS });
  const { logits } = await runTreated(world, intervention);
  return logitError(logits[1] ?? [], reference(world, PROMPT, options));
}
const adding = (vector: Numbers): ReferenceOptions => ({
  touch: (point, _, h) => (point === AT ? plus(h, vector, 2) : h),
});

describe.each(['affine', 'relu-autoencoder'] as const)('%s', (kind) => {
  it.each(Object.entries(APPLIED))('%s', async (apply, applied) => {
    const edit = { ...ADD, vector: difference, mapper: { ...MAPPERS[kind], apply } };
    expect(await errorOf(edit, adding(applied(MAPS[kind])))).toBeLessThan(LOGIT_TOLERANCE);
  });
  it('of many activations, each mapped, then the mean', async () => {
    const vector = { kind: 'difference', plus: ref('many'), minus: ref('minus') };
    const edit = { ...ADD, vector, mapper: { ...MAPPERS[kind], apply: 'map-then-difference' } };
    const rows = [0, 1, 2].map((row) => MAPS[kind](t('many').slice(16 * row, 16 * (row + 1)), true));
    const mean = scaled(
      rows.reduce((sum, row) => plus(sum, row)),
      1 / 3,
    );
    const expected = plus(mean, MAPS[kind](t('minus'), true), -1);
    expect(await errorOf(edit, adding(expected))).toBeLessThan(LOGIT_TOLERANCE);
  });
  it('carries a vector and, with its biases, the mean of a clamp', async () => {
    const mapper = { ...MAPPERS[kind], apply: 'map-then-difference' };
    const clamp = {
      kind: 'clamp',
      formula: FORMULAS.clamp,
      at: AT,
      positions: { kind: 'all' },
      vector: difference,
      mean: ref('mean'),
      mapper,
    };
    const vector = APPLIED['map-then-difference'](MAPS[kind]);
    const u = scaled(vector, 1 / length(vector));
    const mean = MAPS[kind](t('mean'), true);
    const touch = (point: string, _: number, h: Numbers) =>
      point === AT ? plus(h, u, -dot(plus(h, mean, -1), u)) : h;
    expect(await errorOf(clamp, { touch })).toBeLessThan(LOGIT_TOLERANCE);
  });
});

it('the three ways to apply a nonlinear map are three interventions', () => {
  const vectors = Object.values(APPLIED).map((applied) => applied(MAPS['relu-autoencoder']));
  for (const [i, a] of vectors.entries())
    for (const b of vectors.slice(i + 1)) expect(length(plus(a, b, -1)) / length(a)).toBeGreaterThan(0.1);
});

describe('contrast, derived from each prompt', () => {
  /** Letters at 1 and 2 of the prompt, and what is put in their place. */
  const [first, second] = ['./', 'AB'];
  const swap = LETTERS.encode(second);
  const variant = [...PROMPT.slice(0, 1), ...swap, ...PROMPT.slice(3)];
  const positions = { kind: 'contrast', whereAbsent: 'refuse' };
  const contrast = (model: string, point: string) => ({
    kind: 'contrast',
    plus: first,
    minus: second,
    model,
    point,
  });
  const touched = (vectors: readonly Numbers[]): ReferenceOptions => ({
    touch: (point, at, h) =>
      point === AT && (at === 1 || at === 2) ? plus(h, vectors[at] as Numbers, 2) : h,
  });
  const activations = (which: 'target' | 'source', ids: Numbers, point: string) => {
    const { checkpoint, tensors } = world[which];
    return referenceActivations(checkpoint.config, tensors, ids, point);
  };

  it.each(['blocks.0.attn_out', 'blocks.1.hook_resid_post'])(
    'on the target itself, read at %s',
    async (point) => {
      const edit = { ...ADD, positions, vector: contrast('base', point) };
      const minus = activations('target', variant, point);
      const vectors = activations('target', PROMPT, point).map((h, at) => plus(h, minus[at] as Numbers, -1));
      const intervention = await publishAndLoad(world, { edits: [edit], tensors: TENSORS });
      const { logits, settled } = await runTreatedRow(intervention);
      expect(logitError(logits, reference(world, PROMPT, touched(vectors)))).toBeLessThan(LOGIT_TOLERANCE);
      expect(settled).toEqual({ expected: 2, applied: 2 });
    },
  );
  it.each(['map-vector', 'map-then-difference'])(
    'on a source, through a nonlinear map by %s',
    async (apply) => {
      const point = 'blocks.0.hook_resid_post';
      const edit = {
        ...ADD,
        positions,
        vector: contrast(SOURCE, point),
        mapper: { ...MAPPERS['relu-autoencoder'], apply },
      };
      const map = MAPS['relu-autoencoder'];
      const minus = activations('source', variant, point);
      const vectors = activations('source', PROMPT, point).map((h, at) => {
        const other = minus[at] as Numbers;
        return apply === 'map-vector'
          ? map(plus(h, other, -1), true)
          : plus(map(h, true), map(other, true), -1);
      });
      const intervention = await publishAndLoad(world, { edits: [edit], tensors: TENSORS });
      const { logits } = await runTreatedRow(intervention);
      expect(logitError(logits, reference(world, PROMPT, touched(vectors)))).toBeLessThan(LOGIT_TOLERANCE);
    },
  );
  it('is refused where the two texts are not the same tokens long', async () => {
    const edit = { ...ADD, positions, vector: { ...contrast('base', AT), minus: 'ABC' } };
    const intervention = await publishAndLoad(world, { edits: [edit], tensors: TENSORS });
    await expect(runTreatedRow(intervention)).rejects.toMatchObject({
      code: 'intervention-invalid',
      details: { reason: 'contrast-misaligned' },
    });
  });

  async function runTreatedRow(intervention: Awaited<ReturnType<typeof publishAndLoad>>) {
    const { logits, settled } = await runTreated(world, intervention);
    return { logits: logits[1] ?? [], settled: settled[1]?.hook };
  }
});

describe('replacement by what another model has over the same tokens', () => {
  it.each(['all', 'generated', 'last-prompt-token'])('through a map, at positions %s', async (kind) => {
    const point = 'blocks.1.attn_out';
    const edit = {
      kind: 'replace',
      formula: FORMULAS.replace,
      at: AT,
      positions: { kind },
      value: { kind: 'model', source: SOURCE, point },
      mapper: { ...MAPPERS['relu-autoencoder'], apply: 'map-vector' },
    };
    const { checkpoint, tensors } = world.source;
    const given = referenceActivations(checkpoint.config, tensors, [...PROMPT, ...CONTINUATION], point);
    const last = PROMPT.length - 1;
    const edited = (at: number) => kind === 'all' || (kind === 'generated' ? at > last : at === last);
    const touch = (name: string, at: number, h: Numbers) =>
      name === AT && edited(at) ? MAPS['relu-autoencoder'](given[at] as Numbers, true) : h;
    expect(await errorOf(edit, { touch })).toBeLessThan(LOGIT_TOLERANCE);
  });
});
