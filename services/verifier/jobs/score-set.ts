import type { Prompt } from '../../../protocols/artifacts/index.ts';
import type { Model } from '../engine/model.ts';
import { type ForcedRow, forceRows } from '../engine/score.ts';
import type { Tokenizer } from '../engine/tokenizer.ts';
import {
  type Graded,
  type LogitGrader,
  type LogitPlan,
  type LogitReading,
  UNSCORED,
} from '../graders/grader.ts';
import type { Condition } from '../interventions/treated-rows.ts';
import { suiteInvalid } from './load-suite.ts';
import { SuiteEncoder } from './suite-encoder.ts';

/** Rows of one batch: past this, batching gains nothing on a CPU and only the caches grow. */
const BATCH_ROWS = 96;

export interface Scored {
  /** In the set's order. */
  readonly graded: readonly Graded[];
  readonly hook: { readonly expected: number; readonly applied: number };
}

/** A row of one prompt's plan for one grader. */
interface PlannedRow {
  readonly row: ForcedRow;
  readonly grader: number;
  readonly prompt: number;
  readonly place: number;
}

/**
 * Scores every prompt of a set under every condition by several graders; [grader][condition]. What their rows have in
 * common is run once. The first condition is the unedited model, with which graders compare.
 * @throws OversightError `suite-invalid` for a prompt that does not fit the context; those of `forceRows`
 */
export async function scoreSet(
  model: Model,
  tokenizer: Tokenizer,
  prompts: readonly Prompt[],
  conditions: readonly Condition[],
  graders: readonly LogitGrader[],
): Promise<readonly (readonly Scored[])[]> {
  const encoder = new SuiteEncoder(tokenizer);
  const plans = graders.map((grader) => prompts.map((prompt) => grader.plan(prompt, encoder)));
  for (const each of plans) checkLengths(each, prompts, model.config.maxPositions);
  const scores = plans.map((each) => conditions.map(() => new Score(each)));
  for (const batch of batches(plans, Math.max(1, Math.floor(BATCH_ROWS / conditions.length)))) {
    const settled = await forceRows(
      model,
      batch.map(({ row }) => row),
      conditions,
      (index, position, logits) => {
        const planned = batch[index] as PlannedRow;
        for (const [c, own] of logits.entries())
          scores[planned.grader]?.[c]?.see(planned, position, own, logits[0] as Float32Array);
      },
    );
    for (const [c, rows] of settled.entries())
      for (const [index, { hook }] of rows.entries())
        scores[(batch[index] as PlannedRow).grader]?.[c]?.count(hook);
  }
  return scores.map((each) => each.map((score) => score.end()));
}

/** What one grader makes of a set under one condition. */
class Score {
  readonly #readings: readonly (LogitReading | null)[];
  #expected = 0;
  #applied = 0;

  constructor(plans: readonly (LogitPlan | null)[]) {
    this.#readings = plans.map((plan) => plan?.begin() ?? null);
  }

  see({ prompt, place }: PlannedRow, position: number, logits: Float32Array, base: Float32Array): void {
    this.#readings[prompt]?.see(place, position, logits, base);
  }

  count({ expected, applied }: Scored['hook']): void {
    this.#expected += expected;
    this.#applied += applied;
  }

  end(): Scored {
    const graded = this.#readings.map((reading) => reading?.end() ?? UNSCORED);
    return { graded, hook: { expected: this.#expected, applied: this.#applied } };
  }
}

/** @throws OversightError `suite-invalid` */
function checkLengths(plans: readonly (LogitPlan | null)[], prompts: readonly Prompt[], limit: number): void {
  for (const [index, plan] of plans.entries())
    for (const { prompt, to } of plan?.rows ?? [])
      if (Math.max(prompt.length, to) > limit || prompt.length === 0)
        throw suiteInvalid(
          prompt.length === 0 ? 'prompt-empty' : 'context-exceeded',
          `prompt ${prompts[index]?.id}: ${Math.max(prompt.length, to)} tokens for ${limit} positions`,
        );
}

/**
 * Rows that read one prompt, from one position on, stay together; those of several prompts share a batch where they are
 * of the same lengths, so that nothing is ever padded.
 */
function* batches(
  plans: readonly (readonly (LogitPlan | null)[])[],
  limit: number,
): Generator<readonly PlannedRow[]> {
  const planned = plans.flatMap((each, grader) =>
    each.flatMap((plan, prompt) => (plan?.rows ?? []).map((row, place) => ({ row, grader, prompt, place }))),
  );
  const bundles = [...Map.groupBy(planned, ({ row }) => `${row.from} ${row.prompt}`).values()];
  for (const group of Map.groupBy(bundles, shapeOf).values()) {
    let batch: PlannedRow[] = [];
    for (const bundle of group) {
      if (batch.length > 0 && batch.length + bundle.length > limit) {
        yield batch;
        batch = [];
      }
      batch.push(...withOnePrompt(bundle));
      for (; batch.length > limit; batch = batch.slice(limit)) yield batch.slice(0, limit);
    }
    if (batch.length > 0) yield batch;
  }
}

/** Lengths of the prompt and of what follows it. */
function shapeOf(bundle: readonly PlannedRow[]): string {
  const { prompt, from } = (bundle[0] as PlannedRow).row;
  return `${prompt.length} ${from} ${bundle.map(({ row }) => row.to).sort((a, b) => a - b)}`;
}

/** Encoded anew for each row, the prompt is another array each time: one that is the same is known to be in common. */
function withOnePrompt(bundle: readonly PlannedRow[]): readonly PlannedRow[] {
  const { prompt } = (bundle[0] as PlannedRow).row;
  return bundle.map((each) => ({ ...each, row: { ...each.row, prompt } }));
}
