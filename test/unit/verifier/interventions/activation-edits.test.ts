import { describe, expect, it } from 'vitest';
import { FORMULAS, PLACES } from '../../../../protocols/artifacts/index.ts';
import { LOGIT_TOLERANCE } from '../../../../services/verifier/engine/tolerance.ts';
import type { Numbers } from '../../../support/verifier/reference-decoder.ts';
import { randomTensor } from '../../../support/verifier/tiny-decoder.ts';
import {
  CONTINUATION,
  dot,
  freshWorld,
  length,
  logitError,
  numbers,
  OTHER_PROMPT,
  PROMPT,
  plus,
  publishAndLoad,
  ref,
  reference,
  runTreated,
  scaled,
  stored,
} from '../../../support/verifier/treated-decoder.ts';

const TENSORS = {
  v: randomTensor('v', [24], 2),
  mean: randomTensor('mean', [24], 2),
  rows: randomTensor('rows', [3, 24], 2),
};
const v = numbers(TENSORS.v);
const mean = numbers(TENSORS.mean);
const rows = numbers(TENSORS.rows);
const u = scaled(v, 1 / length(v));
const total = PROMPT.length + CONTINUATION.length;

const world = await freshWorld();

type Touch = (point: string, t: number, h: Numbers) => Numbers;

/** Both treated rows agree with the reference, the baseline beside them is untouched, every application was counted. */
async function expectLike(edits: readonly object[], touch: Touch, applications: number): Promise<void> {
  const intervention = await publishAndLoad(world, { edits, tensors: TENSORS });
  const { logits, settled } = await runTreated(world, intervention);
  expect(logitError(logits[0] ?? [], reference(world, PROMPT))).toBeLessThan(LOGIT_TOLERANCE);
  const expected = reference(world, PROMPT, { touch });
  expect(logitError(logits[1] ?? [], expected)).toBeLessThan(LOGIT_TOLERANCE);
  expect(logitError(logits[2] ?? [], reference(world, OTHER_PROMPT, { touch }))).toBeLessThan(
    LOGIT_TOLERANCE,
  );
  // A change that no tolerance hides.
  expect(logitError(logits[1] ?? [], reference(world, PROMPT))).toBeGreaterThan(1000 * LOGIT_TOLERANCE);
  const hook = { expected: applications, applied: applications };
  expect(settled.map((row) => row.hook)).toEqual([{ expected: 0, applied: 0 }, hook, hook]);
}

const add = (at: string, positions: object, change: object = {}) => ({
  kind: 'add',
  formula: FORMULAS.add,
  at,
  positions,
  coefficient: -1.5,
  vector: stored('v'),
  norm: 'as-stored',
  restoreNorm: false,
  ...change,
});
const ALL = { kind: 'all' };

describe('add at each point of each block', () => {
  for (const layer of [0, 1, 2])
    for (const place of PLACES)
      it(`blocks.${layer}.${place}`, async () => {
        const at = `blocks.${layer}.${place}`;
        await expectLike([add(at, ALL)], (point, _, h) => (point === at ? plus(h, v, -1.5) : h), total);
      });
});

describe('positions', () => {
  const last = PROMPT.length - 1;
  it.each<[string, object, (t: number) => boolean]>([
    ['prompt', { kind: 'prompt' }, (t) => t <= last],
    ['last prompt token', { kind: 'last-prompt-token' }, (t) => t === last],
    ['the one before', { kind: 'from-end', index: 1 }, (t) => t === last - 1],
    ['generated', { kind: 'generated' }, (t) => t > last],
    ['both', { kind: 'last-prompt-token-and-generated' }, (t) => t >= last],
    ['all but the first', { kind: 'range', from: 1 }, (t) => t >= 1],
    ['two from the second', { kind: 'range', from: 1, count: 2 }, (t) => t === 1 || t === 2],
    ['after a marker', { kind: 'after-instruction', marker: './' }, (t) => t > 2],
    [
      'the span of a text',
      { kind: 'span', text: './', occurrence: 'first', whereAbsent: 'refuse' },
      (t) => t === 1 || t === 2,
    ],
  ])('%s', async (_, positions, edited) => {
    const at = 'blocks.1.hook_resid_post';
    const touch: Touch = (point, t, h) => (point === at && edited(t) ? plus(h, v, -1.5) : h);
    const counted = Array.from({ length: total }, (__, t) => t).filter(edited).length;
    await expectLike([add(at, positions)], touch, counted);
  });
});

describe('other edits of activations', () => {
  const at = 'blocks.1.hook_resid_pre';
  const here =
    (change: (h: Numbers, t: number) => Numbers): Touch =>
    (point, t, h) =>
      point === at ? change(h, t) : h;
  it('add, of length 1', async () => {
    await expectLike(
      [add(at, ALL, { norm: 'unit', coefficient: 4 })],
      here((h) => plus(h, u, 4)),
      total,
    );
  });
  it('add, back to the length before', async () => {
    const restored = (h: Numbers) => {
      const moved = plus(h, v, -1.5);
      return scaled(moved, length(h) / length(moved));
    };
    await expectLike([add(at, ALL, { restoreNorm: true })], here(restored), total);
  });
  it('add, a row for each position', async () => {
    const positions = { kind: 'range', from: 2, count: 3 };
    const row = (t: number) => rows.slice((t - 2) * 24, (t - 1) * 24);
    await expectLike(
      [add(at, positions, { vector: stored('rows') })],
      here((h, t) => (t >= 2 && t < 5 ? plus(h, row(t), -1.5) : h)),
      3,
    );
  });
  it('add, plus minus minus', async () => {
    const vector = { kind: 'difference', plus: ref('v'), minus: ref('mean') };
    await expectLike(
      [add(at, ALL, { vector })],
      here((h) => plus(h, plus(v, mean, -1), -1.5)),
      total,
    );
  });
  it('ablate at a site', async () => {
    const edit = { kind: 'ablate', formula: FORMULAS.ablate, at, positions: ALL, vector: stored('v') };
    await expectLike(
      [edit],
      here((h) => plus(h, u, -dot(h, u))),
      total,
    );
  });
  it('ablate everywhere: every block input and module output', async () => {
    const edit = {
      kind: 'ablate',
      formula: FORMULAS.ablate,
      at: 'everywhere',
      positions: ALL,
      vector: stored('v'),
    };
    const touch: Touch = (point, _, h) => (point.endsWith('post') ? h : plus(h, u, -dot(h, u)));
    await expectLike([edit], touch, 9 * total);
  });
  it('clamp to a mean', async () => {
    const edit = {
      kind: 'clamp',
      formula: FORMULAS.clamp,
      at,
      positions: ALL,
      vector: stored('v'),
      mean: ref('mean'),
    };
    await expectLike(
      [edit],
      here((h) => plus(h, u, -dot(plus(h, mean, -1), u))),
      total,
    );
  });
  it('replace by a mean', async () => {
    const edit = { kind: 'replace', formula: FORMULAS.replace, at, positions: ALL, value: stored('mean') };
    await expectLike(
      [edit],
      here(() => mean),
      total,
    );
  });
  it('several at one point, in their order', async () => {
    const ablate = { kind: 'ablate', formula: FORMULAS.ablate, at, positions: ALL, vector: stored('v') };
    await expectLike(
      [ablate, add(at, ALL, { coefficient: 2 })],
      here((h) => plus(plus(h, u, -dot(h, u)), v, 2)),
      2 * total,
    );
  });
});

describe('what does not fit a prompt is refused', () => {
  it.each<[string, object, string]>([
    [
      'a text that is not there',
      { kind: 'span', text: 'zz', occurrence: 'first', whereAbsent: 'refuse' },
      'position-missing',
    ],
    ['a marker that is not there', { kind: 'after-instruction', marker: 'zz' }, 'position-missing'],
    ['a token before the first', { kind: 'from-end', index: PROMPT.length }, 'position-missing'],
    ['tokens behind the last', { kind: 'range', from: 1, count: PROMPT.length }, 'position-missing'],
  ])('%s', async (_, positions, reason) => {
    const edits = [add('blocks.1.mlp_out', positions)];
    const intervention = await publishAndLoad(world, { edits, tensors: TENSORS });
    await expect(runTreated(world, intervention)).rejects.toMatchObject({
      code: 'intervention-invalid',
      details: { reason },
    });
  });
  it('rows of vectors for another number of positions', async () => {
    const edits = [add('blocks.1.mlp_out', { kind: 'prompt' }, { vector: stored('rows') })];
    const intervention = await publishAndLoad(world, { edits, tensors: TENSORS });
    await expect(runTreated(world, intervention)).rejects.toMatchObject({
      code: 'intervention-invalid',
      details: { reason: 'positions-mismatch' },
    });
  });
  it('but a text that may be absent is left alone', async () => {
    const positions = { kind: 'span', text: 'zz', occurrence: 'first', whereAbsent: 'no-edit' };
    const intervention = await publishAndLoad(world, {
      edits: [add('blocks.1.mlp_out', positions)],
      tensors: TENSORS,
    });
    const { logits, settled } = await runTreated(world, intervention);
    expect(logits[1]).toEqual(logits[0]);
    expect(settled[1]?.hook).toEqual({ expected: 0, applied: 0 });
  });
});
