import { type Condition, pickState, type Settled, TreatedRows } from '../interventions/treated-rows.ts';
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
 * Runs given tokens under several conditions and shows the next-token distributions along them. Prompts of one length;
 * what rows begin with alike is run once, and a row leaves the batch where it ends. Returns [condition][row].
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
  const tokens = rows.map(({ prompt, continuation }) => [...prompt, ...continuation]);
  const treated = await TreatedRows.bind(model, batch);
  const ends = rows.map(endOf);
  const stops = [...new Set(rows.flatMap((row) => [row.from, row.to, endOf(row)]))].sort((a, b) => a - b);
  const firstWanted = Math.min(...rows.map(({ from }) => from));
  let live: readonly number[] = [...rows.keys()];
  let state = await runPrefix(treated, batch, Math.min(firstWanted, first.prompt.length - 1));
  for (let start = state.target.length; ; ) {
    const next = stops.find((each) => each > start);
    if (next === undefined) break;
    const going = live.filter((row) => (ends[row] as number) > start);
    if (going.length < live.length) state = pickState(state, placesOf(going, live, conditions.length));
    live = going;
    const wanted = live.filter((row) => isWanted(rows[row] as ForcedRow, start));
    const chunk = Math.max(1, Math.floor(logitsLimit / (live.length * conditions.length * vocabSize)));
    const stop = wanted.length > 0 ? Math.min(start + chunk, next) : next;
    const step = await treated.step(
      conditions.flatMap(() => live.map((row) => (tokens[row] as number[]).slice(start, stop))),
      conditions.flatMap((_, c) => live.map((row) => c * rows.length + row)),
      state,
      wanted.length > 0 ? 'all' : 'last',
    );
    show(step.logits, { live, wanted, conditions: conditions.length, start, stop, vocabSize }, see);
    discard(step.logits);
    state = step.state;
    start = stop;
  }
  return conditions.map((_, c) =>
    rows.map(({ prompt }, row) =>
      treated.settle(c * rows.length + row, (ends[row] as number) - prompt.length),
    ),
  );
}

/** All of the prompt is read, so that every edit of it is where it was declared. */
function endOf({ prompt, to }: ForcedRow): number {
  return Math.max(to, prompt.length);
}

function isWanted({ from, to }: ForcedRow, position: number): boolean {
  return from <= position && position < to;
}

/** Where rows that go on stand in the batch, under each condition. */
function placesOf(going: readonly number[], live: readonly number[], conditions: number): readonly number[] {
  const places = going.map((row) => live.indexOf(row));
  return Array.from({ length: conditions }, (_, c) => places.map((place) => c * live.length + place)).flat();
}

interface Shown {
  readonly live: readonly number[];
  readonly wanted: readonly number[];
  readonly conditions: number;
  readonly start: number;
  readonly stop: number;
  readonly vocabSize: number;
}

/** @param logits [conditions, live, positions, vocab] */
function show(
  logits: Float32Array,
  { live, wanted, conditions, start, stop, vocabSize }: Shown,
  see: SeeLogits,
): void {
  const time = stop - start;
  for (const row of wanted) {
    const place = live.indexOf(row);
    for (let t = 0; t < time; t++) {
      const views = Array.from({ length: conditions }, (_, c) => {
        const at = ((c * live.length + place) * time + t) * vocabSize;
        return logits.subarray(at, at + vocabSize);
      });
      see(row, start + t, views);
    }
  }
}
