import {
  type DecoderWeights,
  decoderWeights,
  type ModelConfig,
} from '../../../../protocols/artifacts/index.ts';
import { attentionStage, EMBED, holds, mlpStage, type StageRange, unembedStage } from '../chain.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { attention, cap } from './attention.ts';
import { mlp } from './mlp.ts';
import { norm } from './norm.ts';
import { type GraphOptions, WeightGraph } from './weight-graph.ts';

/**
 * Compiles a range to an ONNX graph whose weights stay in the checkpoint's files.
 *
 * Inputs: `ids` int64 [batch, time], or `hidden` [batch * time, width] and, at an open cut, `branch` of the same shape;
 * where stages need them `extents` int64 [2], batch and time, `room` int64 [1], `positions` int64 [time], `cos`, `sin`
 * [batch, time, rotary / 2], `mask` or `mask_<window>` [1, 1, time, room + time] (additive), `past_key_i`, `past_value_i`
 * [batch, kv_heads, room, head_dim], side paths; at the end `rows` int64 [rows], flat positions whose logits are wanted.
 * Outputs: `hidden_out` and, at an open cut, `branch_out`; or `logits` [rows, vocab]; `key_i`, `value_i`
 * [batch, kv_heads, time, head_dim] of these tokens alone.
 * @throws OversightError `checkpoint-invalid` when a weight is missing or has another shape than config.json implies.
 */
export function compileRange(checkpoint: Checkpoint, range: StageRange, options: GraphOptions): Uint8Array {
  return new RangeCompiler(checkpoint, range, options).compile();
}

/** The residual stream between two stages, [batch * time, width]; `branch`, likewise, is a module's output yet to be added. */
interface Flow {
  readonly hidden: string;
  readonly branch: string | null;
}

class RangeCompiler {
  readonly #graph: WeightGraph;
  readonly #config: ModelConfig;
  readonly #weights: DecoderWeights;
  readonly #range: StageRange;

  constructor(checkpoint: Checkpoint, range: StageRange, options: GraphOptions) {
    this.#graph = new WeightGraph(checkpoint, options);
    this.#config = checkpoint.config;
    this.#weights = decoderWeights(checkpoint.config, (name) => checkpoint.tensors.has(name));
    this.#range = range;
  }

  compile(): Uint8Array {
    const { layers } = this.#config;
    let flow = this.#begin();
    for (let layer = 0; layer < layers; layer++) {
      if (holds(this.#range, attentionStage(layer))) flow = this.#attention(layer, flow);
      if (holds(this.#range, mlpStage(layer))) flow = this.#mlp(layer, flow);
    }
    if (holds(this.#range, unembedStage(layers))) this.#unembed(flow);
    else this.#end(flow);
    return this.#graph.onnx.finish();
  }

  #begin(): Flow {
    const graph = this.#graph;
    const { width } = this.#config;
    if (holds(this.#range, EMBED)) return { hidden: graph.flatten(this.#embed(), width), branch: null };
    const hidden = graph.onnx.input('hidden', 'F32', ['tokens', width]);
    const branch = this.#range.from.open ? graph.onnx.input('branch', 'F32', ['tokens', width]) : null;
    return { hidden, branch };
  }

  /** [batch, time, width] */
  #embed(): string {
    const graph = this.#graph;
    const { vocabSize, width, maxPositions, embeddingScale } = this.#config;
    const ids = graph.onnx.input('ids', 'I64', ['batch', 'time']);
    const rows = graph.rowsOf(this.#weights.embedding, [vocabSize, width], ids);
    const scaled = embeddingScale === 1 ? rows : graph.onnx.op('Mul', [rows, graph.scalar(embeddingScale)]);
    if (this.#weights.positions === null) return scaled;
    const positions = graph.onnx.input('positions', 'I64', ['time']);
    const learned = graph.rowsOf(this.#weights.positions, [maxPositions, width], positions);
    return graph.onnx.op('Add', [scaled, learned]);
  }

  #attention(layer: number, flow: Flow): Flow {
    const graph = this.#graph;
    const config = this.#config;
    const weights = this.#weights.block(layer);
    const hidden = this.#added(flow);
    const normed = norm(graph, config, hidden, weights.attentionNorm, config.width);
    const out = attention(graph, config, layer, normed, weights);
    const post = weights.attentionPostNorm;
    return { hidden, branch: post === null ? out : norm(graph, config, out, post, config.width) };
  }

  /** In a parallel block the MLP reads the stream as attention found it. */
  #mlp(layer: number, flow: Flow): Flow {
    const graph = this.#graph;
    const config = this.#config;
    const weights = this.#weights.block(layer);
    const hidden = this.#added(flow);
    const read = config.parallel ? flow.hidden : hidden;
    const normed = norm(graph, config, read, weights.mlpNorm, config.width);
    const out = mlp(graph, config, normed, weights.mlp);
    const post = weights.mlpPostNorm;
    return { hidden, branch: post === null ? out : norm(graph, config, out, post, config.width) };
  }

  #end(flow: Flow): void {
    const { onnx } = this.#graph;
    const shape = ['tokens', this.#config.width];
    if (!this.#range.to.open) {
      onnx.output(this.#added(flow), 'hidden_out', 'F32', shape);
      return;
    }
    if (flow.branch === null) throw new TypeError('an open cut lies after a module');
    onnx.output(flow.hidden, 'hidden_out', 'F32', shape);
    onnx.output(flow.branch, 'branch_out', 'F32', shape);
  }

  #unembed(flow: Flow): void {
    const graph = this.#graph;
    const config = this.#config;
    const { width, vocabSize } = config;
    const rows = graph.onnx.input('rows', 'I64', ['rows']);
    const picked = graph.onnx.op('Gather', [this.#added(flow), rows], { axis: 0 });
    const normed = norm(graph, config, picked, this.#weights.finalNorm, width);
    const logits = graph.linear(normed, this.#weights.head, width, vocabSize, { picked: true });
    graph.onnx.output(cap(graph, logits, config.logitCap), 'logits', 'F32', ['rows', vocabSize]);
  }

  #added({ hidden, branch }: Flow): string {
    return branch === null ? hidden : this.#graph.onnx.op('Add', [hidden, branch]);
  }
}
