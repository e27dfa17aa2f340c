import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Positions, parsePrompts } from '../../../protocols/artifacts/index.ts';
import { type Checkpoint, openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { type Generated, generate } from '../../../services/verifier/engine/generate.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { type Hook, Model } from '../../../services/verifier/engine/model.ts';
import { topToken } from '../../../services/verifier/engine/sampling.ts';
import { Tokenizer } from '../../../services/verifier/engine/tokenizer.ts';
import { compileOperation } from '../../../services/verifier/interventions/apply.ts';
import { gaussians } from '../../../services/verifier/interventions/control.ts';
import { HookLedger } from '../../../services/verifier/interventions/ledger.ts';
import type { Treatment } from '../../../services/verifier/interventions/treatment.ts';
import { models, suite } from '../../support/verifier/demo-models.ts';
import { edit, only, treat } from '../../support/verifier/treatments.ts';

const POINT = 'blocks.1.hook_resid_post';
let checkpoint: Checkpoint;
let model: Model;
let prompts: readonly (readonly number[])[];

beforeAll(async () => {
  const directory = join(models, 'analog');
  checkpoint = await openCheckpoint(directory);
  model = await Model.load(checkpoint, { points: [POINT] }, { threads: 1, prepacking: true });
  const tokenizer = await Tokenizer.load(directory);
  const rows = parsePrompts(await readFile(join(suite, 'backdoor_prod.jsonl'), 'utf8'), 200);
  if (!rows.ok) throw new Error(rows.detail);
  const all = rows.value.map((row) => tokenizer.encode(tokenizer.render(row)));
  const byLength = Map.groupBy(all, (ids) => ids.length);
  prompts = [...byLength.values()].find((group) => group.length >= 4)?.slice(0, 4) ?? [];
});
afterAll(() => model[Symbol.asyncDispose]());

function operation(seed = 1) {
  const rows = [gaussians(Uint8Array.of(seed), checkpoint.config.width)];
  return { kind: 'add', coefficient: 6, rows, restoreNorm: false } as const;
}
function steer(positions: Positions, on = model): Treatment {
  return treat(on, only(edit(POINT, positions, operation())));
}

/** Declarations, and what they say of position t in a sequence whose prompt has `length` tokens. */
const DECLARED: readonly (readonly [Positions, (t: number, length: number) => boolean])[] = [
  [{ kind: 'all' }, () => true],
  [{ kind: 'prompt' }, (t, length) => t < length],
  [{ kind: 'last-prompt-token' }, (t, length) => t === length - 1],
  [{ kind: 'generated' }, (t, length) => t >= length],
  [{ kind: 'last-prompt-token-and-generated' }, (t, length) => t >= length - 1],
  [{ kind: 'from-end', index: 1 }, (t, length) => t === length - 2],
  [{ kind: 'range', from: 1, count: 3 }, (t) => t >= 1 && t < 4],
  [{ kind: 'range', from: 1 }, (t) => t >= 1],
];

/** Greedy decoding without cache, prefix sharing or batching: the whole sequence again for every token. */
async function plainGreedy(
  prompt: readonly number[],
  edited: (t: number, length: number) => boolean,
  count: number,
): Promise<number[]> {
  const apply = compileOperation(operation());
  const out: number[] = [];
  while (out.length < count) {
    const tokens = [...prompt, ...out];
    const hook: Hook = ({ data, width }) => {
      for (let t = 0; t < tokens.length; t++)
        if (edited(t, prompt.length)) apply(data.subarray(t * width, (t + 1) * width), 0, null);
    };
    const step = await model.step([tokens], emptyCache(checkpoint.config.layers, 1), { hook });
    const token = topToken(step.logits);
    if (checkpoint.config.eosTokenIds.includes(token)) break;
    out.push(token);
  }
  return out;
}

describe.each(DECLARED)('positions %o', (positions, edited) => {
  it('cached, shared and batched decoding equals decoding each prompt from scratch', async () => {
    expect(prompts.length).toBe(4);
    const decoding = { maxNewTokens: 6, eosTokenIds: checkpoint.config.eosTokenIds };
    const [baseline = [], treated = []] = await generate(model, prompts, [null, steer(positions)], decoding);
    for (const [index, prompt] of prompts.entries()) {
      const expected = await plainGreedy(prompt, edited, decoding.maxNewTokens);
      const got = treated[index] as Generated;
      expect(got.ids).toEqual(expected);
      const read = Math.min(got.ids.length, decoding.maxNewTokens - 1);
      const seen = Array.from({ length: prompt.length + read }, (_, t) => t);
      expect(got.hook.expected).toBe(seen.filter((t) => edited(t, prompt.length)).length);
      expect(got.hook.applied).toBe(got.hook.expected);
      expect(baseline[index]?.hook).toEqual({ expected: 0, applied: 0 });
    }
  });
});

it('an edit of one condition leaves the rows of the others bit for bit as they were', async () => {
  const decoding = { maxNewTokens: 4, eosTokenIds: checkpoint.config.eosTokenIds };
  const [alone] = await generate(model, prompts, [null], decoding);
  const [beside] = await generate(model, prompts, [null, steer({ kind: 'last-prompt-token' })], decoding);
  expect(beside).toEqual(alone);
});

describe('a hook that misfires is an error', () => {
  it('fired nowhere: the model has no split at the site', async () => {
    await using uncut = await Model.load(checkpoint, { points: [] }, { threads: 1, prepacking: true });
    const decoding = { maxNewTokens: 2, eosTokenIds: checkpoint.config.eosTokenIds };
    await expect(
      generate(uncut, prompts, [steer({ kind: 'last-prompt-token' }, uncut)], decoding),
    ).rejects.toMatchObject({
      code: 'hook-misfired',
    });
  });
  it.each([
    ['twice at one position', [4, 4], 1],
    ['at a position before', [4, 3], 2],
    ['once too often', [3, 4], 1],
    ['once too few', [3], 2],
    ['never', [], 1],
  ])('%s', (_, positions, expected) => {
    const ledger = new HookLedger();
    expect(() => {
      for (const position of positions) ledger.record(7, 'edit 0', position);
      ledger.settle(7, 'edit 0', expected);
    }).toThrowError(expect.objectContaining({ code: 'hook-misfired' }));
  });
});

describe('the model refuses', () => {
  it.each([-1, 1536, 1.5, Number.NaN])('token id %s', async (id) => {
    const step = model.step([[1, id]], emptyCache(checkpoint.config.layers, 1));
    await expect(step).rejects.toMatchObject({
      code: 'suite-invalid',
      details: { reason: 'token-out-of-range' },
    });
  });
  it('more positions than it has', async () => {
    const tokens = Array.from({ length: checkpoint.config.maxPositions + 1 }, () => 7);
    const step = model.step([tokens], emptyCache(checkpoint.config.layers, 1));
    await expect(step).rejects.toMatchObject({
      code: 'suite-invalid',
      details: { reason: 'context-exceeded' },
    });
  });
  it('to return logits that are not finite', async () => {
    const step = model.step([[1, 7]], emptyCache(checkpoint.config.layers, 1), {
      hook: ({ data }) => data.fill(Number.NaN),
    });
    await expect(step).rejects.toMatchObject({
      code: 'engine-crashed',
      details: { reason: 'logits-not-finite' },
    });
  });
});
