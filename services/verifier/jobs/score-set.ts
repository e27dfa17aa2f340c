import type { Prompt } from '../../../protocols/artifacts/index.ts';
import type { Model } from '../engine/model.ts';
import { type ForcedRow, forceRows } from '../engine/score.ts';
import type { Tokenizer } from '../engine/tokenizer.ts';
import { type Graded, type LogitGrader, type LogitPlan, UNSCORED } from '../graders/grader.ts';
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

/** A row of one prompt's plan. */
interface PlannedRow {
  readonly row: ForcedRow;
  readonly prompt: number;
  readonly place: number;
}

/**
 * Scores every prompt of a set under every condition by one grader; [condition]. The first condition is the unedited
 * model, with which graders compare.
 * @throws OversightError `suite-invalid` for a prompt that does not fit the context; those of `forceRows`
 */
export async function scoreSet(
  model: Model,
  tokenizer: Tokenizer,
  prompts: readonly Prompt[],
  conditions: readonly Condition[],
  grader: LogitGrader,
): Promise<readonly Scored[]> {
  const encoder = new SuiteEncoder(tokenizer);
  const plans = prompts.map((prompt) => grader.plan(prompt, encoder));
  checkLengths(plans, prompts, model.config.maxPositions);
  const readings = conditions.map(() => plans.map((plan) => plan?.begin() ?? null));
  const hooks = conditions.map(() => ({ expected: 0, applied: 0 }));
  for (const batch of batches(plans, Math.max(1, Math.floor(BATCH_ROWS / conditions.length)))) {
    const settled = await forceRows(
      model,
      batch.map(({ row }) => row),
      conditions,
      (index, position, logits) => {
        const { prompt, place } = batch[index] as PlannedRow;
        const base = logits[0] as Float32Array;
        for (const [c, own] of logits.entries()) readings[c]?.[prompt]?.see(place, position, own, base);
      },
    );
    for (const [c, rows] of settled.entries())
      for (const { hook } of rows) {
        const sum = hooks[c] as { expected: number; applied: number };
        sum.expected += hook.expected;
        sum.applied += hook.applied;
      }
  }
  return conditions.map((_, c) => ({
    graded: (readings[c] ?? []).map((reading) => reading?.end() ?? UNSCORED),
    hook: hooks[c] as { expected: number; applied: number },
  }));
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

/** Rows of the same lengths, so that nothing is ever padded. */
function* batches(plans: readonly (LogitPlan | null)[], limit: number): Generator<readonly PlannedRow[]> {
  const byShape = new Map<string, PlannedRow[]>();
  for (const [prompt, plan] of plans.entries())
    for (const [place, row] of (plan?.rows ?? []).entries()) {
      const shape = `${row.prompt.length} ${row.from} ${row.to}`;
      byShape.set(shape, [...(byShape.get(shape) ?? []), { row, prompt, place }]);
    }
  for (const group of byShape.values())
    for (let at = 0; at < group.length; at += limit) yield group.slice(at, at + limit);
}
