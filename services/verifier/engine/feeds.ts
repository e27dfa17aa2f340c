import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelConfig } from '../../../protocols/artifacts/index.ts';
import { maskName } from './compile/attention.ts';
import { sideInputs } from './compile/weight-graph.ts';
import { causalMask, type Past, RotaryTables } from './positions.ts';
import type { Ort } from './runtime.ts';

export type Feeds = Record<string, Tensor>;

/**
 * A low-rank addition to one linear layer, for each row of a batch: y += up[row] (down[row] x). Zeros where a row has
 * none; a first extent of 1 is shared by all rows.
 */
export interface SidePath {
  readonly rank: number;
  /** [rows or 1, rank, in] */
  readonly down: Float32Array;
  /** [rows or 1, out, rank] */
  readonly up: Float32Array;
}
/** By weight name. */
export type SidePaths = ReadonlyMap<string, SidePath>;

/** Extents of one step. */
export interface StepShape {
  readonly rows: number;
  readonly time: number;
  readonly past: Past;
}

/** Makes the inputs of the graphs of one model. */
export class FeedMaker {
  readonly #ort: Ort;
  readonly #config: ModelConfig;
  readonly #rotary: RotaryTables | null;

  constructor(ort: Ort, config: ModelConfig) {
    this.#ort = ort;
    this.#config = config;
    this.#rotary = config.rope === null ? null : new RotaryTables(config.rope);
  }

  /** What every range of a step may ask for, made once: positions, rotation, masks. */
  shared({ rows, time, past }: StepShape): Feeds {
    const feeds: Feeds = {};
    feeds.positions = this.int64(
      Array.from({ length: time }, (_, t) => past.length + t),
      [time],
    );
    if (this.#rotary !== null) {
      const { cos, sin } = this.#rotary.at({ rows, time }, past.length);
      const table = [rows, time, this.#rotary.pairs];
      feeds.cos = this.float32(cos, table);
      feeds.sin = this.float32(sin, table);
    }
    for (const window of new Set(this.#config.attention.map((layer) => layer.window)))
      feeds[maskName(window)] = this.float32(causalMask(time, past, window), [1, 1, time, past.room + time]);
    return feeds;
  }

  /** The side paths a model was loaded with; those that no row uses are fed as zeros. */
  sides(
    shapes: ReadonlyMap<string, { readonly input: number; readonly output: number }>,
    paths: SidePaths,
  ): Feeds {
    const feeds: Feeds = {};
    for (const name of paths.keys())
      if (!shapes.has(name)) throw new TypeError(`the model was loaded without a side path at ${name}`);
    for (const [name, { input, output }] of shapes) {
      const { rank, down, up } = paths.get(name) ?? none(input, output);
      const names = sideInputs(name);
      feeds[names.down] = this.float32(down, [down.length / (rank * input), rank, input]);
      feeds[names.up] = this.float32(up, [up.length / (rank * output), output, rank]);
    }
    return feeds;
  }

  float32(data: Float32Array, shape: readonly number[]): Tensor {
    return new this.#ort.Tensor('float32', data, shape);
  }

  int64(values: readonly number[], shape: readonly number[]): Tensor {
    return new this.#ort.Tensor('int64', BigInt64Array.from(values, BigInt), shape);
  }
}

/** Those of `feeds` that a session declares. */
export function asked(session: InferenceSession, feeds: Feeds): Feeds {
  return Object.fromEntries(
    session.inputNames.flatMap((name) => {
      const tensor = feeds[name];
      return tensor === undefined ? [] : [[name, tensor]];
    }),
  );
}

function none(input: number, output: number): SidePath {
  return { rank: 1, down: new Float32Array(input), up: new Float32Array(output) };
}
