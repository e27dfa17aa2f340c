import { accept, type Result, refuse } from '../../base/result.ts';
import type { Autoencoder } from './autoencoders.ts';
import type { SaeFeature } from './resolved.ts';
import { columnOf, rowOf, type TensorRefusal, type Tensors } from './tensors.ts';
import { unit } from './vector-arithmetic.ts';

export type AutoencoderRefusal = TensorRefusal | 'feature-out-of-range' | 'direction-zero';

/** One feature of an autoencoder over activations of this width. */
export function loadFeature(
  autoencoder: Autoencoder,
  feature: number,
  tensors: Tensors,
  width: number,
): Result<SaeFeature, AutoencoderRefusal> {
  const encoder = tensors.load(autoencoder.encoder, [width, null]);
  if (!encoder.ok) return encoder;
  const features = encoder.value.shape[1] as number;
  if (feature >= features) return refuse('feature-out-of-range', `feature ${feature} of ${features}`);
  const biases = tensors.load(autoencoder.encoderBias, [features]);
  if (!biases.ok) return biases;
  const decoder = tensors.load(autoencoder.decoder, [features, width]);
  if (!decoder.ok) return decoder;
  const decoderBias = tensors.vector(autoencoder.decoderBias, width);
  if (!decoderBias.ok) return decoderBias;
  const row = rowOf(decoder.value.data, width, feature);
  const direction = autoencoder.decoderRows === 'unit' ? unit(row) : row;
  if (direction === null) return refuse('direction-zero', `the decoder's row ${feature}`);
  const activation = loadActivation(autoencoder, feature, tensors, {
    encoder: encoder.value.data,
    biases: biases.value.data,
  });
  if (!activation.ok) return activation;
  return accept({
    feature,
    activation: activation.value,
    normalisation: autoencoder.normalisation,
    column: columnOf(encoder.value.data, features, feature),
    bias: biases.value.data[feature] as number,
    inputBias: autoencoder.subtractDecoderBias ? decoderBias.value : null,
    direction,
  });
}

function loadActivation(
  { activation }: Autoencoder,
  feature: number,
  tensors: Tensors,
  encoder: { readonly encoder: Float32Array; readonly biases: Float32Array },
): Result<SaeFeature['activation'], AutoencoderRefusal> {
  const features = encoder.biases.length;
  if (activation.kind === 'relu') return accept(activation);
  if (activation.kind === 'top-k') {
    if (activation.k > features)
      return refuse('feature-out-of-range', `the top ${activation.k} of ${features}`);
    return accept({ ...activation, ...encoder });
  }
  const thresholds = tensors.load(activation.threshold, [features]);
  if (!thresholds.ok) return thresholds;
  return accept({ kind: 'jump-relu', threshold: thresholds.value.data[feature] as number });
}
