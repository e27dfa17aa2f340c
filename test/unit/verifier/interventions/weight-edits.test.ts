import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMULAS, type LowRankEdit } from '../../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../../services/verifier/engine/checkpoint.ts';
import { emptyCache } from '../../../../services/verifier/engine/kv-cache.ts';
import { Model } from '../../../../services/verifier/engine/model.ts';
import { LOGIT_TOLERANCE } from '../../../../services/verifier/engine/tolerance.ts';
import { randomControl } from '../../../../services/verifier/interventions/control.ts';
import { loadIntervention, readIntervention } from '../../../../services/verifier/interventions/load.ts';
import { frobeniusNorm } from '../../../../services/verifier/interventions/low-rank.ts';
import { openingsOf } from '../../../../services/verifier/interventions/openings.ts';
import { readWeight } from '../../../../services/verifier/interventions/read-weight.ts';
import { realise } from '../../../../services/verifier/interventions/realise.ts';
import { relativeError, temporary } from '../../../support/verifier/demo-models.ts';
import { familyCheckpoint } from '../../../support/verifier/family-fixtures.ts';
import type { Numbers } from '../../../support/verifier/reference-decoder.ts';
import { randomTensor, TINY_SHAPE, tinyDecoder } from '../../../support/verifier/tiny-decoder.ts';
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
  runRows,
  runTreated,
  scaled,
  stored,
  TARGET,
} from '../../../support/verifier/treated-decoder.ts';
import { only, treat } from '../../../support/verifier/treatments.ts';
import { writeSafetensors } from '../../../support/verifier/write-safetensors.ts';

const total = PROMPT.length + CONTINUATION.length;
const QUERY = 'model.layers.1.self_attn.q_proj.weight';
const DOWN = 'model.layers.0.mlp.down_proj.weight';
const TENSORS = {
  v: randomTensor('v', [24], 2),
  qa: randomTensor('qa', [4, 24]),
  qb: randomTensor('qb', [48, 4]),
  da: randomTensor('da', [2, 40]),
  db: randomTensor('db', [24, 2]),
  left: randomTensor('left', [24]),
  right: randomTensor('right', [40]),
};
const t = (name: keyof typeof TENSORS) => numbers(TENSORS[name]);

const world = await freshWorld();

/** W + scale B A, written out; a [rank, inputs], b [outputs, rank]. */
function changed(weight: string, a: Numbers, b: Numbers, rank: number, scale: number): Numbers {
  const inputs = a.length / rank;
  return numbers(world.target.tensors[weight]).map((w, at) => {
    const [row, column] = [Math.floor(at / inputs), at % inputs];
    let sum = 0;
    for (let r = 0; r < rank; r++) sum += (b[row * rank + r] as number) * (a[r * inputs + column] as number);
    return w + scale * sum;
  });
}

/** W - u u^T W, written out. */
function orthogonal(weight: Numbers, columns: number, u: Numbers): Numbers {
  return weight.map((w, at) => {
    const column = at % columns;
    const along = u.reduce((sum, x, row) => sum + x * (weight[row * columns + column] as number), 0);
    return w - (u[Math.floor(at / columns)] as number) * along;
  });
}

async function expectLike(edit: object, weights: Readonly<Record<string, Numbers>>, layers: number) {
  const intervention = await publishAndLoad(world, { edits: [edit], tensors: TENSORS });
  const { logits, settled } = await runTreated(world, intervention);
  expect(logitError(logits[0] ?? [], reference(world, PROMPT))).toBeLessThan(LOGIT_TOLERANCE);
  expect(logitError(logits[1] ?? [], reference(world, PROMPT, { weights }))).toBeLessThan(LOGIT_TOLERANCE);
  expect(logitError(logits[2] ?? [], reference(world, OTHER_PROMPT, { weights }))).toBeLessThan(
    LOGIT_TOLERANCE,
  );
  expect(logitError(logits[1] ?? [], reference(world, PROMPT))).toBeGreaterThan(100 * LOGIT_TOLERANCE);
  const hook = { expected: layers * total, applied: layers * total };
  expect(settled.map((row) => row.hook)).toEqual([{ expected: 0, applied: 0 }, hook, hook]);
  return intervention;
}

const lora = (scale: string) => ({
  kind: 'lora',
  formula: FORMULAS.lora,
  scale,
  modules: [
    { weight: QUERY, a: ref('qa'), b: ref('qb'), rank: 4, alpha: 8 },
    { weight: DOWN, a: ref('da'), b: ref('db'), rank: 2, alpha: 3 },
  ],
});
const ORTHOGONALISE = {
  kind: 'orthogonalise',
  formula: FORMULAS.orthogonalise,
  weights: 'writers',
  tiedUnembedding: 'unchanged',
  vector: stored('v'),
};

describe('weights are changed as if they had been written anew', () => {
  it.each([
    ['alpha/rank', (alpha: number, rank: number) => alpha / rank],
    ['alpha/sqrt(rank)', (alpha: number, rank: number) => alpha / Math.sqrt(rank)],
  ] as const)('lora, %s', async (scale, factor) => {
    const weights = {
      [QUERY]: changed(QUERY, t('qa'), t('qb'), 4, factor(8, 4)),
      [DOWN]: changed(DOWN, t('da'), t('db'), 2, factor(3, 2)),
    };
    await expectLike(lora(scale), weights, 2);
  });
  it('rank one', async () => {
    const edit = {
      kind: 'rank-one',
      formula: FORMULAS.rankOne,
      weight: DOWN,
      left: ref('left'),
      right: ref('right'),
      coefficient: -0.75,
    };
    await expectLike(edit, { [DOWN]: changed(DOWN, t('right'), t('left'), 1, -0.75) }, 1);
  });
  it('two changes of one weight add up', async () => {
    const edit = lora('alpha/rank');
    const modules = edit.modules.map((module) => ({
      ...module,
      weight: DOWN,
      a: ref('da'),
      b: ref('db'),
      rank: 2,
      alpha: 3,
    }));
    const doubled = { [DOWN]: changed(DOWN, t('da'), t('db'), 2, 3) };
    await expectLike({ ...edit, modules }, doubled, 1);
  });
});

describe('orthogonalised weights', () => {
  const u = scaled(t('v'), 1 / length(t('v')));
  it('some of them', async () => {
    const weights = { [DOWN]: orthogonal(numbers(world.target.tensors[DOWN]), 40, u) };
    await expectLike({ ...ORTHOGONALISE, weights: [DOWN] }, weights, 1);
  });
  it('all writers and the embedding: what ablation everywhere does, without biases', async () => {
    const weights: Record<string, Numbers> = {};
    for (const [name, { shape }] of Object.entries(world.target.tensors)) {
      if (!/o_proj|down_proj/.test(name)) continue;
      weights[name] = orthogonal(numbers(world.target.tensors[name]), shape[1] as number, u);
    }
    const table = numbers(world.target.tensors['model.embed_tokens.weight']);
    weights['model.embed_tokens.weight'] = table.map((x, at) => {
      const row = Math.floor(at / 24) * 24;
      const along = u.reduce((sum, y, i) => sum + y * (table[row + i] as number), 0);
      return x - along * (u[at % 24] as number);
    });
    // Six writers, and the stream before the first block.
    await expectLike(ORTHOGONALISE, weights, 7);
    const everywhere = {
      kind: 'ablate',
      formula: FORMULAS.ablate,
      at: 'everywhere',
      positions: { kind: 'all' },
      vector: stored('v'),
    };
    const { logits } = await runTreated(
      world,
      await publishAndLoad(world, { edits: [everywhere], tensors: TENSORS }),
    );
    expect(logitError(logits[1] ?? [], reference(world, PROMPT, { weights }))).toBeLessThan(LOGIT_TOLERANCE);
  });
});

describe('an embedding that is also the unembedding', () => {
  it.each(['unchanged', 'changed'] as const)(
    'orthogonalised, the unembedding %s',
    async (tiedUnembedding) => {
      await using directory = await temporary();
      const tied = await tinyDecoder(join(directory.path, 'tied'), {
        ...TINY_SHAPE,
        tie_word_embeddings: true,
      });
      const there = { ...world, directory: directory.path, target: tied };
      const u = scaled(t('v'), 1 / length(t('v')));
      const weights: Record<string, Numbers> = {};
      for (const [name, { shape }] of Object.entries(tied.tensors))
        if (/o_proj|down_proj/.test(name))
          weights[name] = orthogonal(numbers(tied.tensors[name]), shape[1] as number, u);
      const edited = (h: Numbers) => plus(h, u, -dot(h, u));
      if (tiedUnembedding === 'changed') {
        const table = numbers(tied.tensors['model.embed_tokens.weight']);
        weights['model.embed_tokens.weight'] = Array.from({ length: 97 }, (_, id) =>
          edited(table.slice(id * 24, (id + 1) * 24)),
        ).flat();
      }
      const touch = (point: string, _: number, h: Numbers) =>
        point === 'blocks.0.hook_resid_pre' ? edited(h) : h;
      const edits = [{ ...ORTHOGONALISE, tiedUnembedding }];
      const intervention = await publishAndLoad(there, { edits, tensors: TENSORS });
      const { logits } = await runTreated(there, intervention);
      expect(logitError(logits[0] ?? [], reference(there, PROMPT))).toBeLessThan(LOGIT_TOLERANCE);
      expect(logitError(logits[1] ?? [], reference(there, PROMPT, { weights, touch }))).toBeLessThan(
        LOGIT_TOLERANCE,
      );
    },
  );
});

it('low rank beside an unembedding of its own', async () => {
  const weight = 'lm_head.weight';
  const tensors = { left: randomTensor('head left', [97]), right: randomTensor('head right', [24]) };
  const edit = {
    kind: 'rank-one',
    formula: FORMULAS.rankOne,
    weight,
    left: ref('left'),
    right: ref('right'),
    coefficient: 2,
  };
  const intervention = await publishAndLoad(world, { edits: [edit], tensors });
  const { logits } = await runTreated(world, intervention);
  const weights = { [weight]: changed(weight, numbers(tensors.right), numbers(tensors.left), 1, 2) };
  expect(logitError(logits[1] ?? [], reference(world, PROMPT, { weights }))).toBeLessThan(LOGIT_TOLERANCE);
});

it('a weight stored transposed, as GPT-2 stores it, is the same map', async () => {
  await using directory = await temporary();
  const checkpoint = await openCheckpoint(familyCheckpoint('gpt2'));
  const name = [...checkpoint.tensors.keys()].find((key) => key.endsWith('h.1.mlp.c_proj.weight')) ?? '';
  const { shape, data } = await readWeight(checkpoint, name); // [inputs, outputs]
  const [inputs, outputs] = shape as readonly [number, number];
  const tensors = { v: randomTensor('v', [outputs], 2) };
  const folder = join(directory.path, 'intervention');
  await cp(familyCheckpoint('gpt2'), folder, { recursive: true });
  await rm(join(folder, 'model.safetensors'));
  const derivation = { method: 'm', source: TARGET, dataset: 'd', selection: 's' };
  const edits = [{ ...ORTHOGONALISE, weights: [name] }];
  const manifest = { format: 'intervention/2', base: TARGET, edits, reads: [], derivation };
  await writeFile(join(folder, 'intervention.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'tensors.safetensors'), writeSafetensors(tensors));
  const resolved = await loadIntervention(
    folder,
    await readIntervention(folder, TARGET),
    checkpoint,
    new Map(),
  );
  const intervention = await realise(resolved, checkpoint);
  await using model = await Model.load(checkpoint, openingsOf(intervention, null), {
    threads: 1,
    prepacking: false,
  });
  const ids = [1, 2, 3, 4];
  const { logits } = await runRows(model, [{ prompt: ids, condition: treat(model, intervention) }]);

  // The same weights written into a checkpoint of its own.
  const u = scaled(numbers(tensors.v), 1 / length(numbers(tensors.v)));
  const rewritten = data.map((w, at) => {
    const [row, column] = [Math.floor(at / outputs), at % outputs];
    const along = u.reduce((sum, x, i) => sum + x * (data[row * outputs + i] as number), 0);
    return w - along * (u[column] as number);
  });
  expect(rewritten.length).toBe(inputs * outputs);
  const copy = join(directory.path, 'rewritten');
  await cp(familyCheckpoint('gpt2'), copy, { recursive: true });
  const file = join(copy, checkpoint.tensors.get(name)?.file ?? '');
  const bytes = new Uint8Array(await readFile(file));
  const entry = checkpoint.tensors.get(name);
  if (entry?.dtype !== 'F32') throw new Error('the fixture is no longer float32');
  bytes.set(new Uint8Array(Float32Array.from(rewritten).buffer), entry.fileOffset);
  await writeFile(file, bytes);
  await using plain = await Model.load(
    await openCheckpoint(copy),
    { points: [] },
    { threads: 1, prepacking: false },
  );
  const expected = await plain.step([[...ids, ...CONTINUATION]], emptyCache(checkpoint.config.layers, 1));
  expect(relativeError(logits[0]?.at(-1) ?? new Float32Array(), [...expected.logits])).toBeLessThan(
    LOGIT_TOLERANCE,
  );
});

describe('the random control of a change of weights', () => {
  const edit: LowRankEdit = {
    kind: 'low-rank',
    weight: DOWN,
    rank: 2,
    a: Float64Array.from(numbers(randomTensor('da', [2, 40]))),
    b: Float64Array.from(numbers(randomTensor('db', [24, 2]))),
  };
  it('has the same rank and Frobenius norm, and other factors', () => {
    const [control] = randomControl({ ...only(), weights: [edit] }, 'ab'.repeat(32)).weights;
    if (control?.kind !== 'low-rank') throw new Error('another kind');
    expect(control).toMatchObject({ weight: DOWN, rank: 2 });
    expect(frobeniusNorm(control)).toBeCloseTo(frobeniusNorm(edit), 10);
    expect(control.a).not.toEqual(edit.a);
  });
  it('measures the norm of the product', () => {
    let sum = 0;
    for (let row = 0; row < 24; row++)
      for (let column = 0; column < 40; column++) {
        const entry = [0, 1].reduce(
          (x, r) => x + (edit.b[row * 2 + r] as number) * (edit.a[r * 40 + column] as number),
          0,
        );
        sum += entry * entry;
      }
    expect(frobeniusNorm(edit)).toBeCloseTo(Math.sqrt(sum), 10);
  });
});
