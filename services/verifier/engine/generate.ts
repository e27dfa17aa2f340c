import {
  type Condition,
  pickState,
  type Row,
  type Settled,
  TreatedRows,
} from '../interventions/treated-rows.ts';
import { discard } from './discard.ts';
import type { Model } from './model.ts';
import { runPrefix } from './prefix.ts';
import { readFirstToken, topToken } from './sampling.ts';

export interface Generated extends Settled {
  readonly ids: readonly number[];
  readonly firstLogProb: number;
  readonly margin: number;
}

export interface Decoding {
  readonly maxNewTokens: number;
  readonly eosTokenIds: readonly number[];
}

/**
 * Greedy decoding of prompts of one length under several conditions at once: all are rows of one batch, but those that
 * change weights, which have a batch each. What no edit touches, the prompt before its last token, is run once and its
 * cache shared. A finished row leaves the batch. Returns [condition][prompt].
 * @throws OversightError `hook-misfired` unless every edit was applied exactly where it was declared; those of
 * `TreatedRows.bind` and `Model.step`.
 */
export async function generate(
  model: Model,
  prompts: readonly (readonly number[])[],
  conditions: readonly Condition[],
  decoding: Decoding,
): Promise<readonly (readonly Generated[])[]> {
  const out = new Map<number, readonly Generated[]>();
  for (const group of groupConditions(conditions)) {
    const rows = group.flatMap((c) =>
      prompts.map((prompt) => ({ prompt, condition: conditions[c] ?? null })),
    );
    const generated = await decodeRows(model, rows, decoding);
    for (const [i, c] of group.entries())
      out.set(c, generated.slice(i * prompts.length, (i + 1) * prompts.length));
  }
  return conditions.map((_, c) => out.get(c) ?? []);
}

/** Conditions that can share a batch, by their number. */
function groupConditions(conditions: readonly Condition[]): readonly (readonly number[])[] {
  const all = [...conditions.keys()];
  const changesWeights = (c: number) => conditions[c]?.changesWeights ?? false;
  const shared = all.filter((c) => !changesWeights(c));
  const alone = all.filter(changesWeights).map((c) => [c]);
  return shared.length === 0 ? alone : [shared, ...alone];
}

/** What a row has made so far. */
interface Progress {
  readonly ids: number[];
  first: { readonly logProb: number; readonly margin: number } | null;
  /** Tokens of its own that the model has read, so that positions after the prompt exist. */
  read: number;
}

async function decodeRows(
  model: Model,
  rows: readonly Row[],
  decoding: Decoding,
): Promise<readonly Generated[]> {
  const treated = await TreatedRows.bind(model, rows);
  const progress = rows.map((): Progress => ({ ids: [], first: null, read: 0 }));
  let live = rows.map((_, index) => index);
  let step = await prefill(treated, rows, live);
  for (let count = 0; live.length > 0; count++) {
    const kept = advance(progress, live, step.logits, decoding);
    discard(step.logits);
    live = kept.map((at) => live[at] as number);
    if (live.length === 0) break;
    const tokens = live.map((index) => [(progress[index] as Progress).ids[count] as number]);
    for (const index of live) (progress[index] as Progress).read++;
    step = await treated.step(tokens, live, pickState(step.state, kept));
  }
  return progress.map(({ ids, first, read }, index) => {
    if (first === null) throw new TypeError('a row that was never decoded');
    return { ids, firstLogProb: first.logProb, margin: first.margin, ...treated.settle(index, read) };
  });
}

/** Runs the prompts up to their last token, whose logits choose the first new one. */
async function prefill(treated: TreatedRows, rows: readonly Row[], live: readonly number[]) {
  const state = await runPrefix(treated, rows, (rows[0]?.prompt.length ?? 1) - 1);
  return treated.step(
    rows.map(({ prompt }) => prompt.slice(-1)),
    live,
    state,
  );
}

/** Takes each live row's next token; returns which of the live rows go on. */
function advance(
  progress: readonly Progress[],
  live: readonly number[],
  logits: Float32Array,
  decoding: Decoding,
): readonly number[] {
  const vocabSize = logits.length / live.length;
  const kept: number[] = [];
  for (const [at, index] of live.entries()) {
    const row = progress[index] as Progress;
    const own = logits.subarray(at * vocabSize, (at + 1) * vocabSize);
    row.first ??= readFirstToken(own);
    const token = topToken(own);
    if (decoding.eosTokenIds.includes(token)) continue;
    row.ids.push(token);
    if (row.ids.length < decoding.maxNewTokens) kept.push(at);
  }
  return kept;
}
