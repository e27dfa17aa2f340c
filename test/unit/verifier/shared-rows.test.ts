import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { emptyCache, pickRows } from '../../../services/verifier/engine/kv-cache.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { PlaceStore } from '../../../services/verifier/engine/place-store.ts';
import { chooseProvider } from '../../../services/verifier/engine/provider.ts';
import { forceRows } from '../../../services/verifier/engine/score.ts';
import { familyCheckpoint } from '../../support/verifier/family-fixtures.ts';
import { edit, only, treat } from '../../support/verifier/treatments.ts';

const POINT = 'blocks.1.hook_resid_post';
const PROMPT = [3, 14, 15, 92, 65, 35];
/** Packed, so that a row's numbers do not depend on how many others there are. */
const OPTIONS = { threads: 1, prepacking: true };

let model: Model;
beforeAll(async () => {
  model = await Model.load(await openCheckpoint(familyCheckpoint('llama')), { points: [POINT] }, OPTIONS);
});
afterAll(() => model[Symbol.asyncDispose]());

const steer = (coefficient: number) =>
  treat(
    model,
    only(
      edit(
        POINT,
        { kind: 'range', from: 2, count: 2 },
        {
          kind: 'add',
          coefficient,
          rows: [new Float64Array(model.config.width).fill(1)],
          restoreNorm: false,
        },
      ),
    ),
  );

describe('rows that are alike', () => {
  it('conditions side by side are, bit for bit, what each is alone', async () => {
    const conditions = [null, steer(0.5), steer(-2), steer(0.5)];
    const row = { prompt: PROMPT, continuation: [7, 8], from: 3, to: 8 };
    const seen: Float32Array[][] = [];
    await forceRows(model, [row], conditions, (_, __, logits) => {
      seen.push(logits.map((each) => each.slice()));
    });
    for (const [c, condition] of conditions.entries()) {
      const alone: Float32Array[] = [];
      await forceRows(model, [row], [condition], (_, __, [logits]) => {
        if (logits !== undefined) alone.push(logits.slice());
      });
      expect(seen.map((logits) => logits[c])).toEqual(alone);
    }
  });

  it('a hook sees them once, and which rows they are', async () => {
    const rows = [PROMPT, PROMPT, PROMPT];
    const seen: unknown[] = [];
    await model.step(rows, emptyCache(model.config.layers, 3), {
      hook: ({ rows: distinct, of }) => seen.push([distinct, of]),
      changes: () => new Set([1]),
    });
    expect(seen).toEqual([[2, [0, 1, 0]]]);
  });

  it('one that says nothing of its changes sees every row apart', async () => {
    const seen: unknown[] = [];
    await model.step([PROMPT, PROMPT], emptyCache(model.config.layers, 2), {
      hook: ({ rows, of }) => seen.push([rows, of]),
    });
    expect(seen).toEqual([[2, [0, 1]]]);
  });
});

describe('the cache', () => {
  it('can be continued twice: neither continuation sees the other', async () => {
    const { cache } = await model.step([PROMPT], emptyCache(model.config.layers, 1));
    const first = await model.step([[1]], cache);
    const second = await model.step([[2]], cache);
    const again = await model.step([[1]], cache);
    expect(again.logits).toEqual(first.logits);
    expect(second.logits).not.toEqual(first.logits);
    const [joined, apart] = [
      await model.step([[9], [9]], pickRows(first.cache, [0, 0])),
      await model.step([[9]], again.cache),
    ];
    expect(joined.logits.slice(0, apart.logits.length)).toEqual(apart.logits);
  });

  it('is added to in place while there is room, and copied for a second continuation', () => {
    const fresh = { keys: Float32Array.of(1, 2), values: Float32Array.of(3, 4) };
    const at = (length: number) => ({ length, time: 1, heads: 1 });
    const one = PlaceStore.empty(1, 2).append(at(0), fresh);
    const two = one.append(at(1), fresh);
    expect(two).toBe(one);
    expect(one.append(at(1), fresh)).not.toBe(one);
  });
});

describe('the provider', () => {
  const none = { nvidia: false, cudaLibrary: false };
  it.each([
    [none, 'cpu'],
    [{ ...none, nvidia: true }, 'webgpu'],
    [{ ...none, nvidia: true, cudaLibrary: true }, 'cuda'],
    [{ ...none, cudaLibrary: true }, 'cpu'],
  ] as const)('of a machine with %j is %s', (hardware, provider) => {
    expect(chooseProvider('auto', hardware)).toBe(provider);
  });
  it('is the one that was asked for', () => {
    expect(chooseProvider('cpu', { ...none, nvidia: true })).toBe('cpu');
    expect(chooseProvider('webgpu', none)).toBe('webgpu');
  });
  it('is refused where its library is missing', () => {
    expect(() => chooseProvider('cuda', none)).toThrow(expect.objectContaining({ code: 'engine-missing' }));
  });
});
