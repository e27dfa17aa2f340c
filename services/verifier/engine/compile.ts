import type { ModelConfig } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { type Architecture, architectureOf, type BlockNames, type Linear } from './arch/index.ts';
import type { Checkpoint } from './checkpoint.ts';
import { elementType, OnnxWriter } from './onnx-writer.ts';

/**
 * Blocks [from, to) of a model. The first range (from 0) begins with the embedding, the last (to = layers) ends with
 * the final norm and the unembedding, so that ranges chained end to end are the whole model.
 */
export interface LayerRange {
  readonly from: number;
  readonly to: number;
  readonly embeds: boolean;
  readonly unembeds: boolean;
}

/**
 * Compiles a range to an ONNX graph whose weights stay in the checkpoint's files.
 *
 * Inputs: `ids` int64 [batch, time] or `hidden` [batch, time, d_model]; with blocks also `cos`, `sin`
 * [batch, time, head_dim/2], `mask` [1, 1, time, total] (additive), `past_key_i`, `past_value_i`
 * [batch, kv_heads, past, head_dim]; at the end `rows` int64 [rows], flat positions whose logits are wanted.
 * Outputs: `hidden_out` or `logits` [rows, vocab]; `key_i`, `value_i` [batch, kv_heads, total, head_dim].
 * @throws OversightError `checkpoint-invalid` when a weight is missing or has another shape than config.json implies.
 */
export function compileRange(checkpoint: Checkpoint, range: LayerRange): Uint8Array {
  return new RangeCompiler(checkpoint).compile(range);
}

interface Shared {
  readonly cos: string;
  readonly sin: string;
  readonly mask: string;
  /** Shapes for Reshape: [batch, time, q] and [batch, time, kv]. */
  readonly queryShape: string;
  readonly kvShape: string;
}

class RangeCompiler {
  readonly #graph = new OnnxWriter();
  readonly #checkpoint: Checkpoint;
  readonly #config: ModelConfig;
  readonly #names: Architecture;

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint;
    this.#config = checkpoint.config;
    this.#names = architectureOf(checkpoint.config);
  }

  compile(range: LayerRange): Uint8Array {
    let hidden = this.#begin(range);
    if (range.to > range.from) {
      const shared = this.#shared(hidden);
      for (let layer = range.from; layer < range.to; layer++) hidden = this.#block(layer, hidden, shared);
    }
    this.#end(range, hidden);
    return this.#graph.finish();
  }

  #begin(range: LayerRange): string {
    const graph = this.#graph;
    const { width, vocabSize } = this.#config;
    if (!range.embeds) return graph.input('hidden', 'F32', ['batch', 'time', width]);
    const ids = graph.input('ids', 'I64', ['batch', 'time']);
    // Rows are gathered first and widened after: the table itself is never copied.
    const { name, isF32 } = this.#stored(this.#names.embedding, [vocabSize, width]);
    const rows = graph.op('Gather', [name, ids], { axis: 0 });
    return isF32 ? rows : this.#toF32(rows);
  }

  #end(range: LayerRange, hidden: string): void {
    const graph = this.#graph;
    const { width, vocabSize } = this.#config;
    if (!range.unembeds) {
      graph.output(hidden, 'hidden_out', 'F32', ['batch', 'time', width]);
      return;
    }
    const flat = this.#flatten(hidden, width);
    const picked = graph.op('Gather', [flat, graph.input('rows', 'I64', ['rows'])], { axis: 0 });
    const normed = this.#norm(picked, this.#names.finalNorm);
    const head: Linear = { weight: this.#names.head, bias: null };
    const logits = this.#linear(normed, head, width, vocabSize);
    graph.output(logits, 'logits', 'F32', ['rows', vocabSize]);
  }

  #shared(hidden: string): Shared {
    const graph = this.#graph;
    const { heads, kvHeads, headDim } = this.#config;
    const batchTime = graph.op('Shape', [hidden], { start: 0, end: 2 });
    const shape = (extent: number) =>
      graph.op('Concat', [batchTime, graph.constant('I64', [1], [extent])], { axis: 0 });
    return {
      cos: graph.input('cos', 'F32', ['batch', 'time', headDim / 2]),
      sin: graph.input('sin', 'F32', ['batch', 'time', headDim / 2]),
      mask: graph.input('mask', 'F32', [1, 1, 'time', 'total']),
      queryShape: shape(heads * headDim),
      kvShape: shape(kvHeads * headDim),
    };
  }

  #block(layer: number, hidden: string, shared: Shared): string {
    const graph = this.#graph;
    const { width, mlpWidth } = this.#config;
    const names = this.#names.block(layer);
    const attended = this.#attention(layer, names, this.#norm(hidden, names.attentionNorm), shared);
    const middle = graph.op('Add', [hidden, this.#unflatten(attended, hidden)]);
    const flat = this.#flatten(this.#norm(middle, names.mlpNorm), width);
    const gate = this.#linear(flat, names.gate, width, mlpWidth);
    const up = this.#linear(flat, names.up, width, mlpWidth);
    const silu = graph.op('Mul', [gate, graph.op('Sigmoid', [gate])]);
    const down = this.#linear(graph.op('Mul', [silu, up]), names.down, mlpWidth, width);
    return graph.op('Add', [middle, this.#unflatten(down, hidden)]);
  }

  /** Grouped-query attention in plain operations; the heads of a group are folded into the time axis, so keys are never repeated. */
  #attention(layer: number, names: BlockNames, normed: string, shared: Shared): string {
    const graph = this.#graph;
    const { width, heads, kvHeads, headDim } = this.#config;
    const flat = this.#flatten(normed, width);
    const project = (linear: Linear, out: number, shape: string) =>
      graph.op('Reshape', [this.#linear(flat, linear, width, out), shape]);
    const split = (value: string, count: number) =>
      graph.op('Transpose', [this.#reshape(value, [0, 0, count, headDim])], { perm: [0, 2, 1, 3] });
    const rotate = (value: string, count: number) =>
      graph.op('RotaryEmbedding', [value, shared.cos, shared.sin], { interleaved: 0, num_heads: count });

    const query = rotate(project(names.query, heads * headDim, shared.queryShape), heads);
    const key = rotate(project(names.key, kvHeads * headDim, shared.kvShape), kvHeads);
    const value = project(names.value, kvHeads * headDim, shared.kvShape);
    const keys = this.#remember(layer, 'key', split(key, kvHeads));
    const values = this.#remember(layer, 'value', split(value, kvHeads));

    const scaled = graph.op('Mul', [split(query, heads), graph.constant('F32', [], [headDim ** -0.5])]);
    const folded = this.#reshape(scaled, [0, kvHeads, -1, headDim]); // [batch, kv, group * time, head_dim]
    const scores = graph.op('MatMul', [folded, graph.op('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
    const masked = graph.op('Add', [this.#reshape(scores, [0, heads, -1, 0]), shared.mask]);
    const weights = this.#reshape(graph.op('Softmax', [masked], { axis: -1 }), [0, kvHeads, -1, 0]);
    const mixed = this.#reshape(graph.op('MatMul', [weights, values]), [0, heads, -1, headDim]);
    const joined = this.#reshape(graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), [
      -1,
      heads * headDim,
    ]);
    return this.#linear(joined, names.output, heads * headDim, width);
  }

  /** Appends to the cache of earlier positions and hands the whole back as an output. */
  #remember(layer: number, what: 'key' | 'value', fresh: string): string {
    const { kvHeads, headDim } = this.#config;
    const past = this.#graph.input(`past_${what}_${layer}`, 'F32', ['batch', kvHeads, 'past', headDim]);
    const all = this.#graph.op('Concat', [past, fresh], { axis: 2 });
    this.#graph.output(all, `${what}_${layer}`, 'F32', ['batch', kvHeads, 'total', headDim]);
    return all;
  }

  #norm(value: string, weight: string): string {
    const scale = this.#f32(weight, [this.#config.width]);
    return this.#graph.op('RMSNormalization', [value, scale], {
      axis: -1,
      epsilon: { float: this.#config.normEpsilon },
    });
  }

  /** [rows, in] -> [rows, out], on the weight as it is stored, [out, in]. */
  #linear(value: string, linear: Linear, input: number, output: number): string {
    const inputs = [value, this.#f32(linear.weight, [output, input])];
    if (linear.bias !== null) inputs.push(this.#f32(linear.bias, [output]));
    return this.#graph.op('Gemm', inputs, { transB: 1 });
  }

  readonly #widened = new Map<string, string>();
  readonly #declared = new Set<string>();

  /** The stored tensor as float32. For 16-bit weights the Cast is folded when the session is made. */
  #f32(name: string, shape: readonly number[]): string {
    const known = this.#widened.get(name);
    if (known !== undefined) return known;
    const stored = this.#stored(name, shape);
    const value = stored.isF32 ? stored.name : this.#toF32(stored.name);
    this.#widened.set(name, value);
    return value;
  }

  #stored(name: string, shape: readonly number[]): { readonly name: string; readonly isF32: boolean } {
    const entry = this.#checkpoint.tensors.get(name);
    if (entry === undefined) throw invalid('tensor-missing', name);
    const { dtype } = entry;
    if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16')
      throw invalid('dtype-unsupported', `${name} is ${dtype}; supported: F32, F16, BF16`);
    if (entry.shape.length !== shape.length || entry.shape.some((extent, i) => extent !== shape[i]))
      throw invalid('shape-mismatch', `${name} is [${entry.shape}], config.json implies [${shape}]`);
    if (!this.#declared.has(name)) {
      this.#declared.add(name);
      const at = { file: entry.file, offset: entry.fileOffset, length: entry.byteLength };
      this.#graph.external(name, dtype, entry.shape, at);
    }
    return { name, isF32: dtype === 'F32' };
  }

  #toF32(value: string): string {
    return this.#graph.op('Cast', [value], { to: elementType('F32') });
  }

  #reshape(value: string, shape: readonly number[]): string {
    return this.#graph.op('Reshape', [value, this.#graph.constant('I64', [shape.length], shape)]);
  }

  #flatten(value: string, width: number): string {
    return this.#reshape(value, [-1, width]);
  }

  /** [batch * time, d_model] back to the shape of `like`. */
  #unflatten(value: string, like: string): string {
    return this.#graph.op('Reshape', [value, this.#graph.op('Shape', [like])]);
  }
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('checkpoint-invalid', message, { details: { reason } });
}
