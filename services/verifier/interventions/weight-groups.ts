import { joinData, joinRows } from '../engine/kv-cache.ts';
import type { Step } from '../engine/model.ts';
import type { LowRankEdits } from './side-weights.ts';

/** Rows with the same changes of weights: each group is a batch of its own, whose side paths all its rows share. */
export function byWeights(
  rows: readonly (LowRankEdits | null)[],
): ReadonlyMap<LowRankEdits | null, readonly number[]> {
  return Map.groupBy(rows.keys(), (place) => rows[place] ?? null);
}

/** A step of some rows of a batch, by their places in it. */
export interface StepPart {
  readonly step: Step;
  readonly places: readonly number[];
}

/** The step of the whole batch. */
export function joinSteps(parts: readonly StepPart[], rows: number): Step {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only.step;
  return {
    logits: joinData(
      parts.map(({ step, places }) => ({ data: step.logits, places })),
      rows,
    ),
    cache: joinRows(parts.map(({ step, places }) => ({ cache: step.cache, places }))),
  };
}
