import type { ResolvedIntervention } from '../../../protocols/artifacts/index.ts';
import { type ApplyEdit, compileEdit } from '../interventions/apply.ts';
import { HookLedger } from '../interventions/ledger.ts';
import { declaredPositions, phaseAt, touches } from '../interventions/positions.ts';
import { emptyCache, type KvCache, pickRows } from './kv-cache.ts';
import type { Hook, Model, Step } from './model.ts';
import { readFirstToken, topToken } from './sampling.ts';

export interface Generated {
  readonly ids: readonly number[];
  readonly firstLogProb: number;
  readonly margin: number;
  readonly hook: { readonly expected: number; readonly applied: number };
}

export interface Decoding {
  readonly maxNewTokens: number;
  readonly eosTokenIds: readonly number[];
}

/** Null is the unedited model. */
export type Condition = ResolvedIntervention | null;

/** One row of the batch: a prompt under a condition. */
interface Row {
  readonly prompt: readonly number[];
  readonly condition: Condition;
  readonly ids: number[];
  first: { readonly logProb: number; readonly margin: number } | null;
  /** Tokens of its own that the model has read, so that positions after the prompt exist. */
  read: number;
}

/**
 * Greedy decoding of prompts of one length under several conditions at once: all are rows of one batch. What no edit
 * touches, the prompt before its last token, is run once and its cache shared. A finished row leaves the batch.
 * Returns [condition][prompt].
 * @throws OversightError `hook-misfired` unless every edit was applied exactly where it was declared; those of `Model.step`.
 */
export async function generate(
  model: Model,
  prompts: readonly (readonly number[])[],
  conditions: readonly Condition[],
  decoding: Decoding,
): Promise<readonly (readonly Generated[])[]> {
  const rows: readonly Row[] = conditions.flatMap((condition) =>
    prompts.map((prompt) => ({ prompt, condition, ids: [], first: null, read: 0 })),
  );
  const ledger = new HookLedger();
  const hooks = new RowHooks(conditions, ledger);
  let live = rows.map((_, index) => index);
  let step = await prefill(model, prompts, rows, hooks, live);
  for (let count = 0; live.length > 0; count++) {
    const kept = advance(rows, live, step, model.config.vocabSize, decoding);
    live = kept.map((at) => live[at] as number);
    if (live.length === 0) break;
    const tokens = live.map((index) => [(rows[index] as Row).ids[count] as number]);
    for (const index of live) (rows[index] as Row).read++;
    step = await model.step(tokens, pickRows(step.cache, kept), { hook: hooks.forRows(rows, live) });
  }
  const results = rows.map((row, index) => settle(row, index, ledger));
  return conditions.map((_, c) => results.slice(c * prompts.length, (c + 1) * prompts.length));
}

/** Runs the prompts up to their last token, whose logits choose the first new one. */
async function prefill(
  model: Model,
  prompts: readonly (readonly number[])[],
  rows: readonly Row[],
  hooks: RowHooks,
  live: readonly number[],
): Promise<Step> {
  const hook = hooks.forRows(rows, live);
  const cache = await prefixCache(model, prompts, rows, hook);
  return model.step(
    rows.map((row) => row.prompt.slice(-1)),
    cache,
    { hook },
  );
}

async function prefixCache(
  model: Model,
  prompts: readonly (readonly number[])[],
  rows: readonly Row[],
  hook: Hook,
): Promise<KvCache> {
  const { layers } = model.config;
  if ((prompts[0]?.length ?? 0) === 1) return emptyCache(layers, rows.length);
  if (rows.some(({ condition }) => condition !== null && touches(condition.positions, 'prompt'))) {
    const prefixes = rows.map((row) => row.prompt.slice(0, -1));
    return (await model.step(prefixes, emptyCache(layers, rows.length), { hook })).cache;
  }
  const prefixes = prompts.map((prompt) => prompt.slice(0, -1));
  const { cache } = await model.step(prefixes, emptyCache(layers, prompts.length));
  return pickRows(
    cache,
    rows.map((_, index) => index % prompts.length),
  );
}

/** Takes each live row's next token; returns which of the live rows go on. */
function advance(
  rows: readonly Row[],
  live: readonly number[],
  step: Step,
  vocabSize: number,
  decoding: Decoding,
): readonly number[] {
  const kept: number[] = [];
  for (const [at, index] of live.entries()) {
    const row = rows[index] as Row;
    const logits = step.logits.subarray(at * vocabSize, (at + 1) * vocabSize);
    row.first ??= readFirstToken(logits);
    const token = topToken(logits);
    if (decoding.eosTokenIds.includes(token)) continue;
    row.ids.push(token);
    if (row.ids.length < decoding.maxNewTokens) kept.push(at);
  }
  return kept;
}

function settle(row: Row, index: number, ledger: HookLedger): Generated {
  const expected =
    row.condition === null ? 0 : declaredPositions(row.condition.positions, row.prompt.length, row.read);
  if (row.first === null) throw new TypeError('a row that was never decoded');
  const hook = { expected, applied: ledger.settle(index, expected) };
  return { ids: row.ids, firstLogProb: row.first.logProb, margin: row.first.margin, hook };
}

/** Applies each row's own edit at its site and positions, and records every application. */
class RowHooks {
  readonly #edits: ReadonlyMap<Condition, ApplyEdit>;
  readonly #ledger: HookLedger;

  constructor(conditions: readonly Condition[], ledger: HookLedger) {
    const edits = new Map<Condition, ApplyEdit>();
    for (const condition of conditions)
      if (condition !== null) edits.set(condition, compileEdit(condition.edit));
    this.#edits = edits;
    this.#ledger = ledger;
  }

  forRows(rows: readonly Row[], live: readonly number[]): Hook {
    return ({ point, time, width, start, data }) => {
      for (const [at, index] of live.entries()) {
        const { condition, prompt } = rows[index] as Row;
        const apply = this.#edits.get(condition);
        if (condition === null || apply === undefined || condition.site.name !== point) continue;
        for (let t = 0; t < time; t++) {
          if (!touches(condition.positions, phaseAt(start + t, prompt.length))) continue;
          const offset = (at * time + t) * width;
          apply(data.subarray(offset, offset + width));
          this.#ledger.record(index, start + t);
        }
      }
    };
  }
}
