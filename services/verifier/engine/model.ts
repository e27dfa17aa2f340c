import type { ModelConfig, PointName } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { attentionLayers, cutChain } from './chain.ts';
import type { Checkpoint } from './checkpoint.ts';
import { compileRange } from './compile/compile-range.ts';
import { FeedMaker, type SidePaths } from './feeds.ts';
import type { KvCache } from './kv-cache.ts';
import { type LinearShape, sideShapes } from './linear-layers.ts';
import { type LoadedRange, Pass } from './pass.ts';
import { createSession, type EngineOptions, loadRuntime } from './runtime.ts';

/** Activations of a batch at one point; a hook may change `data` in place. */
export interface Activations {
  readonly point: PointName;
  /** Rows of `data`, fewer than the batch where some of its rows are alike. */
  readonly rows: number;
  /** Row of `data` for each row of the batch. */
  readonly of: readonly number[];
  readonly time: number;
  readonly width: number;
  /** Position of the first of the `time` tokens in its sequence. */
  readonly start: number;
  /** [rows, time, width]. Freed after the step has gone on: copy what is to be kept. */
  readonly data: Float32Array;
}
export type Hook = (activations: Activations) => void;

/** Rows of the batch that a hook will change at a point, in the `time` positions from `start` on. */
export type Changes = (point: PointName, start: number, time: number) => ReadonlySet<number>;

/** Where a model can be read and changed. */
export interface Openings {
  readonly points: readonly PointName[];
  /** Weights of linear layers beside which low-rank paths can run. Default: none. */
  readonly sides?: readonly string[];
}

export interface StepOptions {
  /** Called at every point the model was loaded with, in the order of the computation. */
  readonly hook?: Hook | null;
  /** Which rows it changes, so that the others need not be computed apart. Default: it may change any. */
  readonly changes?: Changes;
  readonly sides?: SidePaths;
  /** `last`: after each row's last token, [rows, vocab]; `all`: after every token, [rows * time, vocab]. Default: last. */
  readonly logits?: 'last' | 'all';
}

export interface Step {
  /** All finite. */
  readonly logits: Float32Array;
  readonly cache: KvCache;
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
    // WebGPU takes rows out of a table of 16-bit numbers only where the device has them
    const graphs = { sides: new Set(sides.keys()), widensTables: options.provider === 'webgpu' };
    const loaded: LoadedRange[] = [];
    for (const range of chain) {
      const bytes = compileRange(checkpoint, range, graphs);
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
    options: StepOptions = {},
  ): Promise<Step> {
    this.#checkTokens(tokens, cache);
    const sides = this.#feeds.sides(this.#sides, options.sides ?? new Map());
    const pass = new Pass(this.#feeds, this.config, { tokens, cache, sides }, options);
    for (const range of this.#ranges) await pass.through(range);
    return pass.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const range of this.#ranges) await range.session.release();
  }

  #checkTokens(tokens: readonly (readonly number[])[], cache: KvCache): void {
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
  }
}
