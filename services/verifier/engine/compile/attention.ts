import type { BlockWeights, ModelConfig, Norm, Projections } from '../../../../protocols/artifacts/index.ts';
import { norm } from './norm.ts';
import type { WeightGraph } from './weight-graph.ts';

/** Past the end of any axis: Slice stops there. */
const END = 2 ** 31 - 1;

/** Name of the additive mask a layer of this window reads. */
export function maskName(window: number | null): string {
  return window === null ? 'mask' : `mask_${window}`;
}

/**
 * Grouped-query attention of one block in plain operations, on `flat` [batch * time, width]; the heads of a group are
 * folded into the time axis, so keys are never repeated. Returns [batch * time, width].
 */
export function attention(
  graph: WeightGraph,
  config: ModelConfig,
  layer: number,
  flat: string,
  weights: BlockWeights,
): string {
  const { onnx } = graph;
  const { width, heads, kvHeads, headDim, scoreCap } = config;
  const { window = null, scale = headDim ** -0.5 } = config.attention[layer] ?? {};
  // where every head has a key of its own there is nothing to fold
  const fold = (value: string, shape: readonly number[]) =>
    heads === kvHeads ? value : graph.reshape(value, shape);
  const projected = project(graph, config, flat, weights.projections);
  const query = place(graph, config, byHead(graph, config, projected.query, heads, weights.queryNorm));
  const key = place(graph, config, byHead(graph, config, projected.key, kvHeads, weights.keyNorm));
  const keys = remember(graph, config, `key_${layer}`, key);
  const values = remember(graph, config, `value_${layer}`, byHead(graph, config, projected.value, kvHeads));

  const scaled = onnx.op('Mul', [query, graph.scalar(scale)]);
  const folded = fold(scaled, [0, kvHeads, -1, headDim]); // [batch, kv, group * time, head_dim]
  const scoresOf = (stored: string) =>
    onnx.op('MatMul', [folded, onnx.op('Transpose', [stored], { perm: [0, 1, 3, 2] })]);
  // earlier and new keys are never brought together: only their scores are, which are small
  const scores = onnx.op('Concat', [scoresOf(keys.past), scoresOf(keys.fresh)], { axis: -1 });
  const mask = graph.sharedInput(maskName(window), [1, 1, 'time', 'total']);
  const masked = onnx.op('Add', [cap(graph, fold(scores, [0, heads, -1, 0]), scoreCap), mask]);
  const shares = fold(onnx.op('Softmax', [masked], { axis: -1 }), [0, kvHeads, -1, 0]);
  const room = graph.sharedInput('room', [1], 'I64');
  const mixOf = (stored: string, from: string, to: string) =>
    onnx.op('MatMul', [onnx.op('Slice', [shares, from, to, graph.index(3)]), stored]);
  const sum = onnx.op('Add', [
    mixOf(values.past, graph.index(0), room),
    mixOf(values.fresh, room, graph.index(END)),
  ]);
  const mixed = fold(sum, [0, heads, -1, headDim]);
  const joined = graph.flatten(onnx.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), heads * headDim);
  return graph.linear(joined, weights.output, heads * headDim, width);
}

/** c tanh(x / c): bounds x without a kink. */
export function cap(graph: WeightGraph, value: string, bound: number | null): string {
  if (bound === null) return value;
  const { onnx } = graph;
  return onnx.op('Mul', [
    onnx.op('Tanh', [onnx.op('Div', [value, graph.scalar(bound)])]),
    graph.scalar(bound),
  ]);
}

/** Each [batch * time, heads * head_dim], or what has as many elements in that order. */
interface Projected {
  readonly query: string;
  readonly key: string;
  readonly value: string;
}

function project(graph: WeightGraph, config: ModelConfig, flat: string, from: Projections): Projected {
  const { width, heads, kvHeads, headDim } = config;
  const [q, kv] = [heads * headDim, kvHeads * headDim];
  switch (from.kind) {
    case 'separate': {
      const one = (linear: typeof from.query, out: number) => graph.linear(flat, linear, width, out);
      return { query: one(from.query, q), key: one(from.key, kv), value: one(from.value, kv) };
    }
    case 'stacked': {
      const all = graph.linear(flat, from.all, width, q + 2 * kv);
      const [query = '', key = '', value = ''] = graph.onnx.split(all, [q, kv, kv], -1);
      return { query, key, value };
    }
    case 'by-head': {
      const all = graph.linear(flat, from.all, width, 3 * q);
      const byHeads = graph.reshape(all, [-1, heads, 3, headDim]);
      const [query = '', key = '', value = ''] = graph.onnx.split(byHeads, [1, 1, 1], 2);
      return { query, key, value };
    }
  }
}

/** [batch * time, count * head_dim] -> [batch, count, time, head_dim], under a norm over each head where there is one. */
function byHead(
  graph: WeightGraph,
  config: ModelConfig,
  value: string,
  count: number,
  headNorm: Norm | null = null,
): string {
  const { headDim } = config;
  const split = graph.perToken(value, [count, headDim]);
  const normed = headNorm === null ? split : norm(graph, config, split, headNorm, headDim);
  return graph.onnx.op('Transpose', [normed], { perm: [0, 2, 1, 3] });
}

/** Rotates queries or keys, [batch, heads, time, head_dim], to their positions. */
function place(graph: WeightGraph, { rope, headDim }: ModelConfig, value: string): string {
  if (rope === null) return value;
  const table = ['batch', 'time', rope.dimensions / 2];
  const inputs = [value, graph.sharedInput('cos', table), graph.sharedInput('sin', table)];
  const partial = rope.dimensions === headDim ? {} : { rotary_embedding_dim: rope.dimensions };
  return graph.onnx.op('RotaryEmbedding', inputs, { interleaved: 0, ...partial });
}

interface Remembered {
  /** [batch, kv_heads, room, head_dim]: earlier positions, and room that the mask hides. */
  readonly past: string;
  /** [batch, kv_heads, time, head_dim] */
  readonly fresh: string;
}

/** Earlier positions come in, new ones go out: who keeps them puts them together. */
function remember(graph: WeightGraph, config: ModelConfig, name: string, fresh: string): Remembered {
  const { kvHeads, headDim } = config;
  const past = graph.onnx.input(`past_${name}`, 'F32', ['batch', kvHeads, 'room', headDim]);
  graph.onnx.output(fresh, name, 'F32', ['batch', kvHeads, 'time', headDim]);
  return { past, fresh };
}
