import { accept, type Result, refuse } from '../../base/result.ts';
import type { ReadManifest } from './reads.ts';
import { type AutoencoderRefusal, loadFeature } from './resolve-autoencoder.ts';
import { findPoint } from './resolve-edit.ts';
import type { CrosscoderInput, Read, ReadSource, Target } from './resolved.ts';
import type { Tensors } from './tensors.ts';

export type ReadRefusal = AutoencoderRefusal | 'layer-out-of-range' | 'source-missing';

export function resolveRead(read: ReadManifest, tensors: Tensors, target: Target): Result<Read, ReadRefusal> {
  const source = resolveSource(read, tensors, target);
  if (!source.ok) return source;
  const { id, positions, pool } = read;
  return accept({ id, positions, pool, source: source.value });
}

function resolveSource(
  read: ReadManifest,
  tensors: Tensors,
  target: Target,
): Result<ReadSource, ReadRefusal> {
  if (read.kind === 'crosscoder-feature') return resolveCrosscoder(read, tensors, target);
  const point = findPoint(read.at, target.layers);
  if (!point.ok) return point;
  if (read.kind === 'probe') {
    const weight = tensors.vector(read.weight, target.width);
    if (!weight.ok) return weight;
    return accept({ kind: 'probe', point: point.value, weight: weight.value, bias: read.bias });
  }
  const feature = loadFeature(read.autoencoder, read.feature, tensors, target.width);
  return feature.ok ? accept({ kind: 'sae-feature', point: point.value, feature: feature.value }) : feature;
}

function resolveCrosscoder(
  {
    models,
    encoder: encoderRef,
    bias: biasRef,
    feature,
  }: Extract<ReadManifest, { kind: 'crosscoder-feature' }>,
  tensors: Tensors,
  target: Target,
): Result<ReadSource, ReadRefusal> {
  const encoder = tensors.load(encoderRef, [models.length, target.width, null]);
  if (!encoder.ok) return encoder;
  const features = encoder.value.shape[2] as number;
  if (feature >= features) return refuse('feature-out-of-range', `feature ${feature} of ${features}`);
  const biases = tensors.load(biasRef, [features]);
  if (!biases.ok) return biases;
  const inputs: CrosscoderInput[] = [];
  for (const [m, { model, at, scale }] of models.entries()) {
    const shape = model === 'base' ? target : target.sources.get(model);
    if (shape === undefined) return refuse('source-missing', model);
    if (shape.width !== target.width) return refuse('width-mismatch', `${model} is ${shape.width} wide`);
    const point = findPoint(at, shape.layers);
    if (!point.ok) return point;
    const column = Float64Array.from(
      { length: target.width },
      (_, i) => encoder.value.data[(m * target.width + i) * features + feature] as number,
    );
    inputs.push({ source: model === 'base' ? null : model, point: point.value, scale, column });
  }
  return accept({ kind: 'crosscoder-feature', models: inputs, bias: biases.value.data[feature] as number });
}
