import { afterAll, beforeAll, expect, it } from 'vitest';
import { FORMULAS } from '../../../../protocols/artifacts/index.ts';
import { generate } from '../../../../services/verifier/engine/generate.ts';
import { Model } from '../../../../services/verifier/engine/model.ts';
import { LOGIT_TOLERANCE } from '../../../../services/verifier/engine/tolerance.ts';
import { openingsOf } from '../../../../services/verifier/interventions/openings.ts';
import type { RealisedIntervention } from '../../../../services/verifier/interventions/realise.ts';
import type { Condition } from '../../../../services/verifier/interventions/treated-rows.ts';
import { randomTensor } from '../../../support/verifier/tiny-decoder.ts';
import {
  freshWorld,
  LETTERS,
  logitError,
  OTHER_PROMPT,
  PROMPT,
  publishAndLoad,
  ref,
  runRows,
  SOURCE,
  stored,
} from '../../../support/verifier/treated-decoder.ts';
import { treat } from '../../../support/verifier/treatments.ts';

const WEIGHT = 'model.layers.2.mlp.down_proj.weight';
const TENSORS = {
  v: randomTensor('v', [24], 2),
  left: randomTensor('left', [24]),
  right: randomTensor('right', [40]),
  weight: randomTensor('weight', [24, 16]),
};
const AT = 'blocks.1.hook_resid_post';
const ALL = { kind: 'all' };
const RANK_ONE = {
  kind: 'rank-one',
  formula: FORMULAS.rankOne,
  weight: WEIGHT,
  left: ref('left'),
  right: ref('right'),
  coefficient: 20,
};
const REPLACE = {
  kind: 'replace',
  formula: FORMULAS.replace,
  at: AT,
  positions: ALL,
  value: { kind: 'model', source: SOURCE, point: 'blocks.0.hook_resid_post' },
  mapper: { kind: 'affine', source: SOURCE, weight: ref('weight'), bias: null, apply: 'map-vector' },
};
const ADD = {
  kind: 'add',
  formula: FORMULAS.add,
  at: AT,
  positions: { kind: 'generated' },
  coefficient: 8,
  vector: stored('v'),
  norm: 'as-stored',
  restoreNorm: false,
};
const PROBE = {
  kind: 'probe',
  id: 'p',
  formula: FORMULAS.probe,
  at: AT,
  positions: ALL,
  pool: 'mean',
  weight: ref('v'),
  bias: 0,
};

const world = await freshWorld();
let model: Model;
let beside: Model;
/** Of many kinds; the third has changed weights, a source beside it and a read, all at once. */
let conditions: readonly Condition[];

beforeAll(async () => {
  const load = (edits: readonly object[], reads: readonly object[] = []) =>
    publishAndLoad(world, { edits, reads, tensors: TENSORS });
  const interventions: readonly RealisedIntervention[] = [
    await load([RANK_ONE]),
    await load([REPLACE]),
    await load([{ ...RANK_ONE, coefficient: -4 }, REPLACE], [PROBE]),
    await load([ADD]),
  ];
  const opened = (source: typeof SOURCE | null) => {
    const all = interventions.map((intervention) => openingsOf(intervention, source));
    return { points: all.flatMap(({ points }) => points), sides: all.flatMap(({ sides }) => sides ?? []) };
  };
  const options = { threads: 1, prepacking: false };
  model = await Model.load(world.target.checkpoint, opened(null), options);
  beside = await Model.load(world.source.checkpoint, opened(SOURCE), options);
  const sources = new Map([[SOURCE, { model: beside, speller: LETTERS }]]);
  conditions = [null, ...interventions.map((one) => treat(model, one, { speller: LETTERS, sources }))];
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await beside[Symbol.asyncDispose]();
});

it('conditions of every kind in one batch do what each does alone', async () => {
  const rows = conditions.flatMap((condition) =>
    [PROMPT, OTHER_PROMPT].map((prompt) => ({ prompt, condition })),
  );
  const together = await runRows(model, rows);
  for (const [index, row] of rows.entries()) {
    const alone = await runRows(model, [row]);
    const expected = (alone.logits[0] ?? []).map((logits) => [...logits]);
    expect(logitError(together.logits[index] ?? [], expected)).toBeLessThan(LOGIT_TOLERANCE);
    expect(together.settled[index]?.hook).toEqual(alone.settled[0]?.hook);
    const [ours, theirs] = [together, alone].map((run, at) =>
      run.settled[at === 0 ? index : 0]?.reads.get('p'),
    );
    expect(ours === undefined).toBe(theirs === undefined);
    if (typeof ours === 'number' && typeof theirs === 'number') expect(ours).toBeCloseTo(theirs, 4);
  }
});

it('decoding them together gives what decoding each alone gives', async () => {
  const decoding = { maxNewTokens: 5, eosTokenIds: [] };
  const prompts = [PROMPT, OTHER_PROMPT];
  const together = await generate(model, prompts, conditions, decoding);
  for (const [c, condition] of conditions.entries()) {
    const [alone = []] = await generate(model, prompts, [condition], decoding);
    expect(together[c]?.map(({ ids, hook }) => ({ ids, hook }))).toEqual(
      alone.map(({ ids, hook }) => ({ ids, hook })),
    );
  }
  const texts = new Set(together.map((rows) => rows.map(({ ids }) => ids.join(' ')).join('; ')));
  expect(texts.size).toBe(conditions.length);
});

it('a read at a point that the model was not opened at is a hook that misfired', async () => {
  await using closed = await Model.load(
    world.target.checkpoint,
    { points: [] },
    { threads: 1, prepacking: false },
  );
  const intervention = await publishAndLoad(world, { reads: [PROBE], tensors: TENSORS });
  const rows = [{ prompt: PROMPT, condition: treat(closed, intervention) }];
  await expect(runRows(closed, rows)).rejects.toMatchObject({ code: 'hook-misfired' });
});
