import type { ModelConfig, Norm } from '../../../../protocols/artifacts/index.ts';
import type { WeightGraph } from './weight-graph.ts';

/** The family's norm over the last axis, of extent `width`. */
export function norm(
  graph: WeightGraph,
  { norm: { kind, epsilon } }: ModelConfig,
  value: string,
  { weight, bias }: Norm,
  width: number,
): string {
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  const scale = graph.f32(weight, [width]);
  if (kind === 'layer') {
    const inputs = bias === null ? [value, scale] : [value, scale, graph.f32(bias, [width])];
    return graph.onnx.op('LayerNormalization', inputs, attributes);
  }
  const factor = kind === 'rms' ? scale : graph.onnx.op('Add', [scale, graph.scalar(1)]);
  return graph.onnx.op('RMSNormalization', [value, factor], attributes);
}
