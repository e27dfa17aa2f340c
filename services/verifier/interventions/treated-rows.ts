import type { PointName } from '../../../protocols/artifacts/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { emptyCache, type KvCache, pickRows } from '../engine/kv-cache.ts';
import type { Activations, Changes, Model } from '../engine/model.ts';
import type { DerivedContrasts } from './contrast.ts';
import { HookLedger } from './ledger.ts';
import type { Selection } from './positions.ts';
import { Reading } from './readings.ts';
import { activationAt, type Beside, givenAt, selected, selectsAny } from './step-activations.ts';
import type { BoundPrompt, BoundRead, Treatment } from './treatment.ts';
import { byWeights, joinSteps, type StepPart } from './weight-groups.ts';

const NO_ROWS: ReadonlySet<number> = new Set();

/** Null is the unedited model. */
export type Condition = Treatment | null;

/** One row of a batch: a prompt under a condition. Tokens after the prompt count as generated, whoever chose them. */
export interface Row {
  readonly prompt: readonly number[];
  readonly condition: Condition;
}

/** Where a batch stands in the target and in the models that run beside it. */
export interface BatchState {
  readonly target: KvCache;
  readonly beside: ReadonlyMap<ContentId, KvCache>;
}

export interface TreatedStep {
  /** Of every row of the batch; `Step.logits`. */
  readonly logits: Float32Array;
  readonly state: BatchState;
}

export interface Settled {
  /** (edit or read or weight, position) pairs declared and done. */
  readonly hook: { readonly expected: number; readonly applied: number };
  /** By the read's id; null where its positions were empty. */
  readonly reads: ReadonlyMap<string, number | null>;
}

interface BoundRow {
  readonly prompt: readonly number[];
  readonly bound: BoundPrompt | null;
}

/**
 * Runs rows of a batch, each under its own condition: edits between the sessions, side paths of weights, reads, and
 * the models beside the target over the same tokens. What was done is counted where it is done and has to be exactly
 * what was declared.
 */
export class TreatedRows {
  readonly #model: Model;
  readonly #rows: readonly BoundRow[];
  readonly #beside: ReadonlyMap<ContentId, Model>;
  readonly #ledger = new HookLedger();
  readonly #readings = new Map<string, Reading>();

  private constructor(model: Model, rows: readonly BoundRow[], beside: ReadonlyMap<ContentId, Model>) {
    this.#model = model;
    this.#rows = rows;
    this.#beside = beside;
  }

  /** @throws OversightError `intervention-invalid` where a condition does not fit a prompt. */
  static async bind(model: Model, rows: readonly Row[]): Promise<TreatedRows> {
    const bound: BoundRow[] = [];
    const beside = new Map<ContentId, Model>();
    const derived: DerivedContrasts = new Map();
    for (const { prompt, condition } of rows) {
      if (condition === null) {
        bound.push({ prompt, bound: null });
        continue;
      }
      const own = await condition.bind(prompt, derived);
      bound.push({ prompt, bound: own });
      for (const id of sourcesBeside(own)) beside.set(id, condition.sourceModel(id));
    }
    return new TreatedRows(model, bound, beside);
  }

  begin(batchRows: number): BatchState {
    const { layers } = this.#model.config;
    const beside = [...this.#beside].map(
      ([id, model]) => [id, emptyCache(model.config.layers, batchRows)] as const,
    );
    return { target: emptyCache(layers, batchRows), beside: new Map(beside) };
  }

  /**
   * One step of a batch. @param live which row each of the batch is; null for one that runs unedited for several
   * @throws OversightError `hook-misfired`, and those of `Model.step`
   */
  async step(
    tokens: readonly (readonly number[])[],
    live: readonly (number | null)[],
    state: BatchState,
    logits: 'last' | 'all' = 'last',
  ): Promise<TreatedStep> {
    const beside = new Map<ContentId, ReadonlyMap<PointName, Activations>>();
    const caches = new Map<ContentId, KvCache>();
    for (const [id, model] of this.#beside) {
      const seen = new Map<PointName, Activations>();
      const hook = (activations: Activations) => {
        seen.set(activations.point, { ...activations, data: activations.data.slice() });
        this.#read(live, activations, id);
      };
      const step = await model.step(tokens, cacheOf(state, id), { hook, changes: () => NO_ROWS });
      beside.set(id, seen);
      caches.set(id, step.cache);
    }
    const weights = live.map((index) => (index === null ? null : (this.#row(index).bound?.weights ?? null)));
    const parts: StepPart[] = [];
    for (const [edits, places] of byWeights(weights)) {
      const own = places.map((place) => live[place] ?? null);
      const hook = (activations: Activations) => {
        this.#edit(own, places, activations, beside);
        this.#read(own, activations, null);
      };
      const changes: Changes = (...where) => this.#changed(own, ...where);
      const alone = places.length === live.length;
      const step = await this.#model.step(
        alone ? tokens : places.map((place) => tokens[place] as readonly number[]),
        alone ? state.target : pickRows(state.target, places),
        { hook, changes, sides: edits ?? new Map(), logits },
      );
      this.#countWeights(own, tokens[0]?.length ?? 0, state.target.length);
      parts.push({ step, places });
    }
    const { logits: joined, cache } = joinSteps(parts, live.length);
    return { logits: joined, state: { target: cache, beside: caches } };
  }

  /** The row's counts and readings, after `generated` tokens behind its prompt have been read. */
  settle(index: number, generated: number): Settled {
    const { prompt, bound } = this.#row(index);
    const reads = new Map<string, number | null>();
    let expected = 0;
    let applied = 0;
    const count = (what: string, declared: number) => {
      expected += declared;
      applied += this.#ledger.settle(index, what, declared);
    };
    if (bound === null) return { hook: { expected, applied }, reads };
    for (const { name, selection } of bound.edits) count(name, declared(selection, generated));
    for (const read of bound.reads) {
      for (const [place] of read.looks.entries())
        count(readName(read, place), declared(read.selection, generated));
      reads.set(read.read.id, this.#readings.get(readingKey(index, read))?.pooled(read.read) ?? null);
    }
    if (bound.weights !== null)
      for (const weight of bound.weights.keys()) count(weight, prompt.length + generated);
    return { hook: { expected, applied }, reads };
  }

  #row(index: number) {
    const row = this.#rows[index];
    if (row === undefined) throw new TypeError(`no row ${index}`);
    return row;
  }

  /** @param places where the rows stand in the batch of which the models beside this one have run all */
  #edit(
    live: readonly (number | null)[],
    places: readonly number[],
    activations: Activations,
    beside: Beside,
  ): void {
    for (const [at, index] of live.entries()) {
      if (index === null) continue;
      const { prompt, bound } = this.#row(index);
      for (const edit of bound?.edits ?? []) {
        if (edit.point !== activations.point) continue;
        for (const { t, position, ordinal } of selected(edit.selection, prompt.length, activations)) {
          const given = edit.given === null ? null : givenAt(edit.given, beside, places[at] as number, t);
          edit.apply(activationAt(activations, at, t), ordinal, given);
          this.#ledger.record(index, edit.name, position);
        }
      }
    }
  }

  /** Rows in which some edit at the point acts on one of these positions. */
  #changed(
    live: readonly (number | null)[],
    point: PointName,
    start: number,
    time: number,
  ): ReadonlySet<number> {
    const acts = (index: number | null): boolean => {
      if (index === null) return false;
      const { prompt, bound } = this.#row(index);
      return (bound?.edits ?? []).some(
        (edit) => edit.point === point && selectsAny(edit.selection, prompt.length, { start, time }),
      );
    };
    return new Set([...live.keys()].filter((at) => acts(live[at] ?? null)));
  }

  #read(live: readonly (number | null)[], activations: Activations, source: ContentId | null): void {
    for (const [at, index] of live.entries()) {
      if (index === null) continue;
      const { prompt, bound } = this.#row(index);
      for (const read of bound?.reads ?? [])
        for (const [place, look] of read.looks.entries()) {
          if (look.source !== source || look.point !== activations.point) continue;
          for (const { t, position } of selected(read.selection, prompt.length, activations)) {
            this.#reading(index, read).add(position, look.part(activationAt(activations, at, t)));
            this.#ledger.record(index, readName(read, place), position);
          }
        }
    }
  }

  #reading(index: number, read: BoundRead): Reading {
    const key = readingKey(index, read);
    const reading = this.#readings.get(key) ?? new Reading();
    this.#readings.set(key, reading);
    return reading;
  }

  #countWeights(live: readonly (number | null)[], time: number, start: number): void {
    for (const index of live)
      for (const weight of index === null ? [] : (this.#row(index).bound?.weights?.keys() ?? []))
        for (let t = 0; t < time; t++) this.#ledger.record(index as number, weight, start + t);
  }
}

/** The state of `picked` rows, in that order; a row may be picked several times or not at all. */
export function pickState(state: BatchState, picked: readonly number[]): BatchState {
  const beside = [...state.beside].map(([id, cache]) => [id, pickRows(cache, picked)] as const);
  return { target: pickRows(state.target, picked), beside: new Map(beside) };
}

function declared({ prompt, generated }: Selection, generatedRead: number): number {
  return prompt.length + (generated ? generatedRead : 0);
}

/** Models that have to read the same tokens as the target. */
function sourcesBeside({ edits, reads }: BoundPrompt): readonly ContentId[] {
  const given = edits.flatMap((edit) => (edit.given === null ? [] : [edit.given.source]));
  const looked = reads.flatMap(({ looks }) =>
    looks.flatMap(({ source }) => (source === null ? [] : [source])),
  );
  return [...given, ...looked];
}

function readName({ read }: BoundRead, place: number): string {
  return `read ${read.id} ${place}`;
}

function readingKey(row: number, { read }: BoundRead): string {
  return `${row} ${read.id}`;
}

function cacheOf({ beside }: BatchState, id: ContentId): KvCache {
  const cache = beside.get(id);
  if (cache === undefined) throw new TypeError('a state of other rows');
  return cache;
}
