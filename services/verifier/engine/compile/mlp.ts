import type { Activation, MlpWeights, ModelConfig } from '../../../../protocols/artifacts/index.ts';
import type { WeightGraph } from './weight-graph.ts';

/** [batch * time, width] -> the same. */
export function mlp(graph: WeightGraph, config: ModelConfig, flat: string, weights: MlpWeights): string {
  const { width, mlpWidth } = config;
  const inner = gated(graph, config, flat, weights);
  return graph.linear(inner, weights.down, mlpWidth, width);
}

function gated(graph: WeightGraph, config: ModelConfig, flat: string, weights: MlpWeights): string {
  const { width, mlpWidth, activation } = config;
  switch (weights.kind) {
    case 'plain':
      return activate(graph, activation, graph.linear(flat, weights.up, width, mlpWidth));
    case 'gated': {
      const gate = activate(graph, activation, graph.linear(flat, weights.gate, width, mlpWidth));
      return graph.onnx.op('Mul', [gate, graph.linear(flat, weights.up, width, mlpWidth)]);
    }
    case 'gated-stacked': {
      const both = graph.linear(flat, weights.gateUp, width, 2 * mlpWidth);
      const [gate = '', up = ''] = graph.onnx.split(both, [mlpWidth, mlpWidth], -1);
      return graph.onnx.op('Mul', [activate(graph, activation, gate), up]);
    }
  }
}

function activate(graph: WeightGraph, activation: Activation, value: string): string {
  switch (activation) {
    case 'silu':
      return graph.onnx.op('Mul', [value, graph.onnx.op('Sigmoid', [value])]);
    case 'gelu':
      return graph.onnx.op('Gelu', [value]);
    case 'gelu-tanh':
      return graph.onnx.op('Gelu', [value], { approximate: 'tanh' });
    case 'relu':
      return graph.onnx.op('Relu', [value]);
  }
}
