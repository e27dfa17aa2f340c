import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { type ForcedRow, forceRows, type SeeLogits } from '../../../services/verifier/engine/score.ts';
import { LOGIT_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import { Workbench } from '../../../services/verifier/jobs/workbench.ts';
import {
  demoIntervention,
  demoJob,
  models,
  relativeError,
  temporary,
} from '../../support/verifier/demo-models.ts';

const options = { threads: 1, prepacking: true };
const row = (
  prompt: readonly number[],
  continuation: readonly number[],
  from: number,
  to: number,
): ForcedRow => ({
  prompt,
  continuation,
  from,
  to,
});
const PROMPT = [1, 4, 301, 87, 912, 455, 5];
const OTHER = [1, 4, 12, 700, 33, 21, 5];

describe('teacher-forced rows', () => {
  it.each<[string, readonly ForcedRow[], number?]>([
    ['the answer', [row(PROMPT, [300, 301, 302], 6, 9), row(OTHER, [9, 8, 7], 6, 9)]],
    ['every position of the prompt', [row(PROMPT, [], 0, 7), row(OTHER, [], 0, 7)]],
    ['the last token alone', [row(PROMPT, [], 6, 7)]],
    ['some positions inside', [row(PROMPT, [], 2, 4)]],
    ['a prompt of one token', [row([1], [4, 301], 0, 2)]],
    ['two positions a step', [row(PROMPT, [300, 301, 302], 0, 9), row(OTHER, [9, 8, 7], 0, 9)], 2 * 2 * 1536],
    [
      'answers of several lengths to one prompt',
      [row(PROMPT, [300], 6, 7), row(PROMPT, [301, 302, 303], 6, 9), row(PROMPT, [7, 8], 6, 8)],
    ],
    [
      'one that begins later and one that ends in the prompt',
      [row(PROMPT, [300, 301, 302], 7, 9), row(OTHER, [], 1, 4), row(PROMPT, [5], 0, 7)],
    ],
    ['one position a step, whatever the limit', [row(PROMPT, [300, 301, 302], 6, 9)], 1],
  ])('show the logits that the model has at each position: %s', async (_, rows, limit = 1e9) => {
    const checkpoint = await openCheckpoint(join(models, 'analog'));
    await using model = await Model.load(checkpoint, { points: [] }, options);
    const seen: string[] = [];
    const checks: Promise<void>[] = [];
    const see: SeeLogits = (index, position, [logits]) => {
      seen.push(`${index} ${position}`);
      const { prompt, continuation } = rows[index] as ForcedRow;
      const read = [...prompt, ...continuation].slice(0, position + 1);
      const own = Float32Array.from(logits as Float32Array);
      const alone = model.step([read], emptyCache(checkpoint.config.layers, 1));
      checks.push(
        alone.then((step) => {
          expect(relativeError(own, [...step.logits])).toBeLessThan(LOGIT_TOLERANCE);
        }),
      );
    };
    await forceRows(model, rows, [null], see, limit);
    await Promise.all(checks);
    const wanted = rows.flatMap(({ from, to }, i) =>
      Array.from({ length: to - from }, (_, t) => `${i} ${from + t}`),
    );
    expect(seen.sort()).toEqual(wanted.sort());
  });

  it('settles each of several lengths, whose hooks act where it goes on', async () => {
    await using directory = await temporary();
    const job = demoJob(await demoIntervention(directory.path, 'transferred-clamp'));
    await using workbench = await Workbench.open(job, false);
    const rows = [row(PROMPT, [300], 6, 7), row(PROMPT, [300, 301, 302], 6, 9), row(OTHER, [9, 8], 6, 8)];
    const conditions = [null, workbench.treated];
    const gather = async (each: readonly ForcedRow[]) => {
      const seen = new Map<string, Float32Array>();
      const settled = await forceRows(workbench.model, each, conditions, (index, position, logits) => {
        for (const [c, own] of logits.entries())
          seen.set(`${rows.indexOf(each[index] as ForcedRow)} ${position} ${c}`, own.slice());
      });
      return { seen, hooks: settled.map((of) => of.map(({ hook }) => hook)) };
    };
    const together = await gather(rows);
    expect(together.seen.size).toBe(2 * (1 + 3 + 2));
    for (const [index, one] of rows.entries()) {
      const alone = await gather([one]);
      expect(together.hooks.map((of) => of[index])).toEqual(alone.hooks.map((of) => of[0]));
      for (const [key, logits] of alone.seen)
        expect(relativeError(together.seen.get(key) as Float32Array, [...logits])).toBeLessThan(
          LOGIT_TOLERANCE,
        );
    }
  });

  it('runs conditions side by side, each hook where it was declared', async () => {
    await using directory = await temporary();
    const job = demoJob(await demoIntervention(directory.path, 'transferred-clamp'));
    await using workbench = await Workbench.open(job, false);
    const rows = [row(PROMPT, [300, 301], 6, 8), row(OTHER, [300, 301], 6, 8)];
    const seen: Float32Array[][] = [];
    const settled = await forceRows(
      workbench.model,
      rows,
      [null, workbench.treated],
      (_, position, logits) => {
        if (position === 6) seen.push(logits.map((each) => each.slice()));
      },
    );
    expect(settled.map((condition) => condition.map(({ hook }) => hook))).toEqual([
      [
        { expected: 0, applied: 0 },
        { expected: 0, applied: 0 },
      ],
      [
        { expected: 1, applied: 1 },
        { expected: 1, applied: 1 },
      ],
    ]);
    for (const [base, treated] of seen as [Float32Array, Float32Array][])
      expect(relativeError(treated, [...base])).toBeGreaterThan(100 * LOGIT_TOLERANCE);
    // the same condition alone gives the same numbers
    const alone: Float32Array[] = [];
    await forceRows(workbench.model, rows, [workbench.treated], (_, position, [logits]) => {
      if (position === 6) alone.push((logits as Float32Array).slice());
    });
    for (const [i, [, treated]] of (seen as [Float32Array, Float32Array][]).entries())
      expect(relativeError(treated, [...(alone[i] as Float32Array)])).toBeLessThan(LOGIT_TOLERANCE);
  });
});
