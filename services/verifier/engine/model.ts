import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelConfig, PointName } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { attentionLayers, cutChain, type StageRange } from './chain.ts';
import type { Checkpoint } from './checkpoint.ts';
import { compileRange } from './compile/compile-range.ts';
import { asked, FeedMaker, type Feeds, type SidePaths, type StepShape } from './feeds.ts';
import type { KvCache } from './kv-cache.ts';
import { type LinearShape, sideShapes } from './linear-layers.ts';
import { createSession, type EngineOptions, loadRuntime, runtimeFailure } from './runtime.ts';

/** Activations of a batch at one point, [rows, time, width]; a hook may change `data` in place. */
export interface Activations {
  readonly point: PointName;
  readonly rows: number;
  readonly time: number;
  readonly width: number;
  /** Position of the first of the `time` tokens in its sequence. */
  readonly start: number;
  readonly data: Float32Array;
}
export type Hook = (activations: Activations) => void;

/** Where a model can be read and changed. */
export interface Openings {
  readonly points: readonly PointName[];
  /** Weights of linear layers beside which low-rank paths can run. Default: none. */
  readonly sides?: readonly string[];
}

export interface StepOptions {
  /** Called at every point the model was loaded with, in the order of the computation. */
  readonly hook?: Hook | null;
  readonly sides?: SidePaths;
  /** `last`: after each row's last token, [rows, vocab]; `all`: after every token, [rows * time, vocab]. Default: last. */
  readonly logits?: 'last' | 'all';
}

export interface Step {
  /** All finite. */
  readonly logits: Float32Array;
  readonly cache: KvCache;
}

interface LoadedRange extends StageRange {
  readonly session: InferenceSession;
  readonly layers: readonly number[];
}

/** A compiled model: a chain of graphs, cut at the points where a hook may read or change activations. */
export class Model implements AsyncDisposable {
  readonly config: ModelConfig;
  readonly #feeds: FeedMaker;
  readonly #ranges: readonly LoadedRange[];
  readonly #sides: ReadonlyMap<string, LinearShape>;
  #disposed = false;

  private constructor(
    config: ModelConfig,
    feeds: FeedMaker,
    ranges: readonly LoadedRange[],
    sides: ReadonlyMap<string, LinearShape>,
  ) {
    this.config = config;
    this.#feeds = feeds;
    this.#ranges = ranges;
    this.#sides = sides;
  }

  /**
   * Compiles a checkpoint with the openings asked for.
   * @throws OversightError `engine-missing`, `checkpoint-invalid`, `engine-crashed`, `engine-memory-exceeded`,
   * `intervention-invalid` for an opening the model does not have.
   */
  static async load(checkpoint: Checkpoint, openings: Openings, options: EngineOptions): Promise<Model> {
    const { config, directory } = checkpoint;
    const chain = cutChain(config.layers, openings.points);
    const sides = sideShapes(checkpoint, openings.sides ?? []);
    const ort = await loadRuntime();
    const loaded: LoadedRange[] = [];
    for (const range of chain) {
      const bytes = compileRange(checkpoint, range, new Set(sides.keys()));
      const session = await createSession(ort, bytes, directory, options);
      loaded.push({ ...range, session, layers: attentionLayers(range, config.layers) });
    }
    return new Model(config, new FeedMaker(ort, config), loaded, sides);
  }

  /**
   * Runs one step: `tokens` are rows of equal length that follow the positions in `cache`.
   * @throws OversightError `suite-invalid` for a token outside the vocabulary or a context that is full,
   * `engine-crashed` for logits that are not finite.
   */
  async step(
    tokens: readonly (readonly number[])[],
    cache: KvCache,
    { hook = null, sides = new Map(), logits: wanted = 'last' }: StepOptions = {},
  ): Promise<Step> {
    const shape = this.#checkTokens(tokens, cache);
    const shared = {
      ...this.#feeds.shared(shape),
      ...this.#feeds.sides(this.#sides, sides),
      rows: this.#logitRows(shape, wanted),
      ids: this.#feeds.int64(tokens.flat(), [shape.rows, shape.time]),
    };
    const keys: Float32Array[] = [];
    const values: Float32Array[] = [];
    let flow: Feeds = {};
    for (const range of this.#ranges) {
      const feeds = { ...shared, ...this.#feeds.past(cache, range.layers), ...flow };
      const out = await run(range.session, asked(range.session, feeds));
      for (const layer of range.layers) {
        keys.push(floats(out[`key_${layer}`]));
        values.push(floats(out[`value_${layer}`]));
      }
      flow = flowOf(out);
      if (hook !== null) this.#call(hook, range, flow, shape);
    }
    const logits = floats(flow.logits);
    if (!logits.every(Number.isFinite))
      throw new OversightError('engine-crashed', 'the model produced logits that are not finite', {
        details: { reason: 'logits-not-finite' },
      });
    return { logits, cache: { rows: shape.rows, length: shape.past + shape.time, keys, values } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const range of this.#ranges) await range.session.release();
  }

  #checkTokens(tokens: readonly (readonly number[])[], cache: KvCache): StepShape {
    const time = tokens[0]?.length ?? 0;
    if (time === 0 || tokens.some((row) => row.length !== time) || cache.rows !== tokens.length)
      throw new TypeError('rows of one step have one length, and the cache has as many');
    if (cache.length + time > this.config.maxPositions)
      throw new OversightError('suite-invalid', `more than ${this.config.maxPositions} positions`, {
        details: { reason: 'context-exceeded' },
      });
    // The runtime does not check ids on every provider; an id outside the table must never reach it.
    for (const row of tokens)
      for (const id of row)
        if (!Number.isInteger(id) || id < 0 || id >= this.config.vocabSize)
          throw new OversightError('suite-invalid', `token ${id} is outside the vocabulary`, {
            details: { reason: 'token-out-of-range' },
          });
    return { rows: tokens.length, time, past: cache.length };
  }

  #logitRows({ rows, time }: StepShape, wanted: 'last' | 'all'): Tensor {
    const flat =
      wanted === 'all'
        ? Array.from({ length: rows * time }, (_, at) => at)
        : Array.from({ length: rows }, (_, row) => row * time + time - 1);
    return this.#feeds.int64(flat, [flat.length]);
  }

  /** At an open cut a hook sees the module's output, elsewhere the stream. */
  #call(hook: Hook, { points, to }: StageRange, flow: Feeds, { rows, time, past }: StepShape): void {
    for (const point of points) {
      const data = floats(to.open ? flow.branch : flow.hidden);
      hook({ point, rows, time, width: this.config.width, start: past, data });
    }
  }
}

/** A range's outputs under the names by which the next takes them. */
function flowOf(out: InferenceSession.OnnxValueMapType): Feeds {
  const { hidden_out: hidden, branch_out: branch, logits } = out;
  return {
    ...(hidden && { hidden }),
    ...(branch && { branch }),
    ...(logits && { logits }),
  };
}

async function run(session: InferenceSession, feeds: Feeds): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds);
  } catch (cause) {
    throw runtimeFailure(cause);
  }
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError('an output of the graph is missing');
  return tensor.data;
}
