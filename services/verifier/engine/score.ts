import { type Condition, type Settled, TreatedRows } from '../interventions/treated-rows.ts';
import { discard } from './discard.ts';
import type { Model } from './model.ts';
import { runPrefix } from './prefix.ts';

/** Tokens that the model reads whatever it would have written itself (teacher forcing). */
export interface ForcedRow {
  /** The prompt, as it would be generated from. */
  readonly prompt: readonly number[];
  /** Tokens after it, which count as generated; none where only the prompt is read. */
  readonly continuation: readonly number[];
  /** Positions whose next-token distributions are wanted: `from` and those after it, before `to`. */
  readonly from: number;
  readonly to: number;
}

/** Logits [vocab] after a position of a row, one for each condition. They are reused: copy what is to be kept. */
export type SeeLogits = (row: number, position: number, logits: readonly Float32Array[]) => void;

/** Logits of one step: 128 MiB in float32. A vocabulary of 150,000 gets 2 positions of 96 rows. */
const LOGITS_LIMIT = 2 ** 25;

/**
 * Runs given tokens under several conditions and shows the next-token distributions along them. Rows of one length: those
 * of a batch differ in their tokens only. Returns [condition][row].
 * @param logitsLimit numbers of one step's logits, at least one position of every row
 * @throws OversightError those of `TreatedRows.bind` and of `Model.step`; `hook-misfired`
 */
export async function forceRows(
  model: Model,
  rows: readonly ForcedRow[],
  conditions: readonly Condition[],
  see: SeeLogits,
  logitsLimit: number = LOGITS_LIMIT,
): Promise<readonly (readonly Settled[])[]> {
  const [first] = rows;
  if (first === undefined) return conditions.map(() => []);
  const { vocabSize } = model.config;
  const batch = conditions.flatMap((condition) => rows.map(({ prompt }) => ({ prompt, condition })));
  const tokens = conditions.flatMap(() =>
    rows.map(({ prompt, continuation }) => [...prompt, ...continuation]),
  );
  const treated = await TreatedRows.bind(model, batch);
  // all of the prompt is read, so that every edit of it is where it was declared
  const end = Math.max(first.to, first.prompt.length);
  const chunk = Math.max(1, Math.floor(logitsLimit / (batch.length * vocabSize)));
  let state = await runPrefix(treated, batch, Math.min(first.from, first.prompt.length - 1));
  for (let start = state.target.length; start < end; ) {
    const wanted = start >= first.from && start < first.to;
    const stop = wanted
      ? Math.min(start + chunk, first.to)
      : start < first.from
        ? Math.min(first.from, end)
        : end;
    const step = await treated.step(
      tokens.map((row) => row.slice(start, stop)),
      [...batch.keys()],
      state,
      wanted ? 'all' : 'last',
    );
    if (wanted)
      show(step.logits, { rows: rows.length, conditions: conditions.length, start, stop, vocabSize }, see);
    discard(step.logits);
    state = step.state;
    start = stop;
  }
  const generated = end - first.prompt.length;
  const settled = batch.map((_, index) => treated.settle(index, generated));
  return conditions.map((_, c) => settled.slice(c * rows.length, (c + 1) * rows.length));
}

interface Shown {
  readonly rows: number;
  readonly conditions: number;
  readonly start: number;
  readonly stop: number;
  readonly vocabSize: number;
}

/** @param logits [conditions, rows, positions, vocab] */
function show(
  logits: Float32Array,
  { rows, conditions, start, stop, vocabSize }: Shown,
  see: SeeLogits,
): void {
  const time = stop - start;
  for (let row = 0; row < rows; row++)
    for (let t = 0; t < time; t++) {
      const views = Array.from({ length: conditions }, (_, c) => {
        const at = ((c * rows + row) * time + t) * vocabSize;
        return logits.subarray(at, at + vocabSize);
      });
      see(row, start + t, views);
    }
}
