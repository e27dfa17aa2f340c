import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { type ModelConfig, rotaryFrequencies } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { compileRange, type LayerRange } from './compile.ts';
import type { KvCache } from './kv-cache.ts';
import { causalMask, rotaryTables } from './positions.ts';
import { createSession, type EngineOptions, loadRuntime, type Ort, runtimeFailure } from './runtime.ts';

/** The residual stream of a batch at one split, [rows, time, width]; a hook changes `data` in place. */
export interface Stream {
  /** Stream number: 0 is the embedding's output, i the output of block i - 1. */
  readonly stream: number;
  readonly rows: number;
  readonly time: number;
  readonly width: number;
  /** Position of the first of the `time` tokens in its sequence. */
  readonly start: number;
  readonly data: Float32Array;
}
export type StreamHook = (stream: Stream) => void;

export interface Step {
  /** Logits after each row's last token, [rows, vocab]. All finite. */
  readonly logits: Float32Array;
  readonly cache: KvCache;
}

interface LoadedRange extends LayerRange {
  readonly session: InferenceSession;
}

/** A compiled model: a chain of layer ranges, cut at the streams where a hook may read or change the residual. */
export class Model implements AsyncDisposable {
  readonly config: ModelConfig;
  readonly #ort: Ort;
  readonly #ranges: readonly LoadedRange[];
  readonly #frequencies: Float64Array;
  #disposed = false;

  private constructor(ort: Ort, config: ModelConfig, ranges: readonly LoadedRange[]) {
    this.#ort = ort;
    this.config = config;
    this.#ranges = ranges;
    this.#frequencies = rotaryFrequencies(config.rope, config.headDim);
  }

  /**
   * Compiles a checkpoint with hooks possible at `splits` (stream numbers 0…layers).
   * @throws OversightError `engine-missing`, `checkpoint-invalid`, `engine-crashed`, `engine-memory-exceeded`
   */
  static async load(
    checkpoint: Checkpoint,
    splits: readonly number[],
    options: EngineOptions,
  ): Promise<Model> {
    const ort = await loadRuntime();
    const loaded: LoadedRange[] = [];
    for (const range of cut(checkpoint.config.layers, splits)) {
      const bytes = compileRange(checkpoint, range);
      loaded.push({ ...range, session: await createSession(ort, bytes, checkpoint.directory, options) });
    }
    return new Model(ort, checkpoint.config, loaded);
  }

  /**
   * Runs one step: `tokens` are rows of equal length that follow the positions in `cache`.
   * @throws OversightError `suite-invalid` for a token outside the vocabulary or a context that is full,
   * `engine-crashed` for logits that are not finite.
   */
  async step(tokens: readonly (readonly number[])[], cache: KvCache, hook: StreamHook | null): Promise<Step> {
    const rows = tokens.length;
    const time = tokens[0]?.length ?? 0;
    this.#checkTokens(tokens, time, cache);
    const keys: Float32Array[] = [];
    const values: Float32Array[] = [];
    const shared = this.#sharedFeeds(rows, time, cache.length);
    let hidden: Tensor | null = null;
    for (const range of this.#ranges) {
      if (hidden !== null && hook !== null) hook(this.#stream(range.from, hidden, rows, time, cache.length));
      const feeds = {
        ...this.#rangeFeeds(range, cache, rows, time),
        ...(range.to > range.from ? shared : {}),
      };
      if (hidden === null) feeds.ids = this.#int64(tokens.flat(), [rows, time]);
      else feeds.hidden = hidden;
      const out = await run(range.session, feeds);
      for (let layer = range.from; layer < range.to; layer++) {
        keys.push(floats(out[`key_${layer}`]));
        values.push(floats(out[`value_${layer}`]));
      }
      hidden = (range.unembeds ? out.logits : out.hidden_out) ?? null;
    }
    const logits = floats(hidden ?? undefined);
    if (!logits.every(Number.isFinite))
      throw new OversightError('engine-crashed', 'the model produced logits that are not finite', {
        details: { reason: 'logits-not-finite' },
      });
    return { logits, cache: { rows, length: cache.length + time, keys, values } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const range of this.#ranges) await range.session.release();
  }

  #checkTokens(tokens: readonly (readonly number[])[], time: number, cache: KvCache): void {
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

  #sharedFeeds(rows: number, time: number, past: number): Record<string, Tensor> {
    const { cos, sin } = rotaryTables({ rows, time }, past, this.#frequencies);
    const table = [rows, time, this.#frequencies.length];
    return {
      cos: new this.#ort.Tensor('float32', cos, table),
      sin: new this.#ort.Tensor('float32', sin, table),
      mask: new this.#ort.Tensor('float32', causalMask(time, past), [1, 1, time, past + time]),
    };
  }

  #rangeFeeds(range: LoadedRange, cache: KvCache, rows: number, time: number): Record<string, Tensor> {
    const { kvHeads, headDim } = this.config;
    const shape = [rows, kvHeads, cache.length, headDim];
    const feeds: Record<string, Tensor> = {};
    for (let layer = range.from; layer < range.to; layer++) {
      feeds[`past_key_${layer}`] = new this.#ort.Tensor('float32', at(cache.keys, layer), shape);
      feeds[`past_value_${layer}`] = new this.#ort.Tensor('float32', at(cache.values, layer), shape);
    }
    if (range.unembeds) {
      const last = Array.from({ length: rows }, (_, row) => row * time + time - 1);
      feeds.rows = this.#int64(last, [rows]);
    }
    return feeds;
  }

  #stream(stream: number, hidden: Tensor, rows: number, time: number, start: number): Stream {
    return { stream, rows, time, width: this.config.width, start, data: floats(hidden) };
  }

  #int64(values: readonly number[], shape: readonly number[]): Tensor {
    return new this.#ort.Tensor('int64', BigInt64Array.from(values, BigInt), shape);
  }
}

/** The chain of ranges with a boundary at every split. */
export function cut(layers: number, splits: readonly number[]): readonly LayerRange[] {
  const inner = [...new Set(splits)].sort((a, b) => a - b);
  if (inner.some((split) => !Number.isInteger(split) || split < 0 || split > layers))
    throw new TypeError(`splits lie in 0…${layers}`);
  const ranges: LayerRange[] = [];
  let from = 0;
  for (const to of inner) {
    ranges.push({ from, to, embeds: ranges.length === 0, unembeds: false });
    from = to;
  }
  ranges.push({ from, to: layers, embeds: ranges.length === 0, unembeds: true });
  return ranges;
}

async function run(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
): Promise<InferenceSession.OnnxValueMapType> {
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

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new TypeError('the cache has fewer layers than the model');
  return item;
}
