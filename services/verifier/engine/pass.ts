import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelConfig } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { StageRange } from './chain.ts';
import { discard } from './discard.ts';
import { asked, type FeedMaker, type Feeds } from './feeds.ts';
import type { KvCache, LayerCache } from './kv-cache.ts';
import type { Step, StepOptions } from './model.ts';
import { PlaceStore, roomFor } from './place-store.ts';
import { RowClasses } from './row-classes.ts';
import { runtimeFailure } from './runtime.ts';

export interface LoadedRange extends StageRange {
  readonly session: InferenceSession;
  /** Blocks whose attention is in it. */
  readonly layers: readonly number[];
}

/**
 * One step through the chain. Rows with the same history, the same tokens and the same edits are computed once, and part
 * where the first of these differs: the layers below an edit run once for all conditions, prompts in common once for all
 * rows.
 */
export class Pass {
  readonly #feeds: FeedMaker;
  readonly #config: ModelConfig;
  readonly #tokens: readonly (readonly number[])[];
  readonly #cache: KvCache;
  readonly #options: StepOptions;
  readonly #sides: Feeds;
  readonly #time: number;
  readonly #layers: LayerCache[] = [];
  #classes: RowClasses;
  /** What stands between two ranges, [classes, time, width]. */
  #flow: ReadonlyMap<'hidden' | 'branch', Float32Array> = new Map();
  #logits: Float32Array | null = null;
  /** By the number of classes, which only grows within a pass. */
  readonly #inputs = new Map<number, Feeds>();

  /** @param sides feeds of the side paths */
  constructor(
    feeds: FeedMaker,
    config: ModelConfig,
    { tokens, cache, sides }: { tokens: readonly (readonly number[])[]; cache: KvCache; sides: Feeds },
    options: StepOptions,
  ) {
    this.#feeds = feeds;
    this.#config = config;
    this.#tokens = tokens;
    this.#cache = cache;
    this.#options = options;
    this.#sides = sides;
    this.#time = tokens[0]?.length ?? 0;
    const all = RowClasses.one(tokens.length);
    // a side path for each row: its inputs are in the order of the rows, so no two of them are one
    const apart = Object.values(sides).some(({ dims }) => (dims[0] ?? 1) > 1);
    this.#classes = all.split(apart ? (row) => row : keysOf(tokens));
  }

  async through(range: LoadedRange): Promise<void> {
    for (const layer of range.layers) this.#split((row) => this.#past(layer).of[row]);
    const pasts = range.layers.map((layer) => this.#store(layer));
    const feeds = {
      ...this.#rowInputs(),
      ...this.#sides,
      ...this.#pastOf(range.layers, pasts),
      ...this.#flowing(),
    };
    const out = await run(range.session, asked(range.session, feeds));
    for (const before of this.#flow.values()) discard(before);
    const grown = { length: this.#cache.length, time: this.#time, heads: this.#config.kvHeads };
    for (const [at, layer] of range.layers.entries()) {
      const fresh = { keys: floats(out[`key_${layer}`]), values: floats(out[`value_${layer}`]) };
      const store = (pasts[at] as PlaceStore).append(grown, fresh);
      this.#layers.push({ of: this.#classes.of, store });
    }
    this.#flow = flowOf(out);
    if (out.logits !== undefined) this.#logits = floats(out.logits);
    this.#callHook(range);
  }

  /** @throws OversightError `engine-crashed` for logits that are not finite. */
  end(): Step {
    const logits = this.#logits;
    if (logits === null) throw new TypeError('the chain ended before its logits');
    if (!allFinite(logits))
      throw new OversightError('engine-crashed', 'the model produced logits that are not finite', {
        details: { reason: 'logits-not-finite' },
      });
    const { rows, length } = this.#cache;
    return {
      logits: this.#classes.spreadToRows(logits),
      cache: { rows, length: length + this.#time, layers: this.#layers },
    };
  }

  /** At an open cut a hook sees the module's output, elsewhere the stream. */
  #callHook({ points, to }: StageRange): void {
    const { hook = null, changes = null } = this.#options;
    if (hook === null) return;
    const { length: start } = this.#cache;
    for (const point of points) {
      const changed = changes?.(point, start, this.#time);
      this.#split((row) => (changed === undefined || changed.has(row) ? row : -1));
      const { of, count } = this.#classes;
      const data = this.#flow.get(to.open ? 'branch' : 'hidden');
      if (data === undefined) throw new TypeError('a point without its activations');
      hook({ point, rows: count, of, time: this.#time, width: this.#config.width, start, data });
    }
  }

  /** Parts rows, and what has been computed for them. */
  #split(keyOf: (row: number) => unknown): void {
    const before = this.#classes;
    this.#classes = before.split(keyOf);
    if (this.#classes === before) return;
    this.#flow = new Map(
      [...this.#flow].map(([name, data]) => {
        const spread = before.spread(data, this.#classes);
        if (spread !== data) discard(data);
        return [name, spread];
      }),
    );
  }

  #past(layer: number): LayerCache {
    const past = this.#cache.layers[layer];
    if (past === undefined) throw new TypeError('the cache has fewer layers than the model');
    return past;
  }

  /** What the classes have of a layer's past. */
  #store(layer: number): PlaceStore {
    const { first, count } = this.#classes;
    const { of, store } = this.#past(layer);
    const { kvHeads, headDim } = this.#config;
    if (store === null) return PlaceStore.empty(count, kvHeads * headDim);
    return store.pick(
      first.map((row) => of[row] as number),
      this.#cache.length,
    );
  }

  #pastOf(layers: readonly number[], stores: readonly PlaceStore[]): Feeds {
    const { kvHeads, headDim } = this.#config;
    const shape = [this.#classes.count, kvHeads, roomFor(this.#cache.length), headDim];
    const feeds: Feeds = {};
    for (const [at, layer] of layers.entries()) {
      const { keys, values } = stores[at] as PlaceStore;
      feeds[`past_key_${layer}`] = this.#feeds.float32(keys, shape);
      feeds[`past_value_${layer}`] = this.#feeds.float32(values, shape);
    }
    return feeds;
  }

  #flowing(): Feeds {
    const shape = [this.#classes.count * this.#time, this.#config.width];
    return Object.fromEntries(
      [...this.#flow].map(([name, data]) => [name, this.#feeds.float32(data, shape)]),
    );
  }

  /** Token ids, positions, rotations, masks and the rows whose logits are wanted. */
  #rowInputs(): Feeds {
    const { first, count: rows } = this.#classes;
    const known = this.#inputs.get(rows);
    if (known !== undefined) return known;
    const time = this.#time;
    const { length } = this.#cache;
    const ids = first.flatMap((row) => this.#tokens[row] ?? []);
    const wanted =
      this.#options.logits === 'all'
        ? Array.from({ length: rows * time }, (_, at) => at)
        : Array.from({ length: rows }, (_, row) => row * time + time - 1);
    const room = roomFor(length);
    const inputs = {
      ...this.#feeds.shared({ rows, time, past: { length, room } }),
      ids: this.#feeds.int64(ids, [rows, time]),
      extents: this.#feeds.int64([rows, time], [2]),
      room: this.#feeds.int64([room], [1]),
      rows: this.#feeds.int64(wanted, [wanted.length]),
    };
    this.#inputs.set(rows, inputs);
    return inputs;
  }
}

/** Texts that are equal where rows have the same tokens. */
function keysOf(tokens: readonly (readonly number[])[]): (row: number) => unknown {
  const keys = tokens.map((row) => (row.length === 1 ? row[0] : row.join()));
  return (row) => keys[row];
}

/** A range's outputs under the names by which the next takes them. */
function flowOf(out: InferenceSession.OnnxValueMapType): ReadonlyMap<'hidden' | 'branch', Float32Array> {
  const flow = new Map<'hidden' | 'branch', Float32Array>();
  if (out.hidden_out !== undefined) flow.set('hidden', floats(out.hidden_out));
  if (out.branch_out !== undefined) flow.set('branch', floats(out.branch_out));
  return flow;
}

async function run(session: InferenceSession, feeds: Feeds): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds);
  } catch (cause) {
    throw runtimeFailure(cause);
  }
}

/** A number less itself is 0, and NaN where it is not finite. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) - (values[i] as number);
  return sum === 0;
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError('an output of the graph is missing');
  return tensor.data;
}
