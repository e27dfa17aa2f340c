import { accept, type Result } from '../../base/result.ts';
import type { Mapper } from './mappers.ts';
import type { Direction, VectorMap } from './resolved.ts';
import type { TensorRefusal, Tensors } from './tensors.ts';
import { meanOf, subtract } from './vector-arithmetic.ts';

type ActivationMapper = Exclude<Mapper, { kind: 'unembedding-least-squares' }>;

/** x -> y; without biases where `biased` is false. */
type Apply = (x: Direction, biased: boolean) => Direction;

/** Loads a mapper onto a model of this width. */
export function loadMap(
  mapper: ActivationMapper,
  tensors: Tensors,
  width: number,
): Result<VectorMap, TensorRefusal> {
  const loaded =
    mapper.kind === 'affine' ? loadAffine(mapper, tensors, width) : loadAutoencoder(mapper, tensors, width);
  if (!loaded.ok) return loaded;
  const { apply, sourceWidth } = loaded.value;
  return accept({
    sourceWidth,
    mapPoint: (point) => apply(point, true),
    mapVector: (vector, parts) => {
      if (mapper.apply === 'map-vector') return apply(vector, true);
      if (mapper.apply === 'map-vector-no-bias') return apply(vector, false);
      if (parts === null) throw new TypeError('a manifest whose vector is no difference');
      const [plus, minus] = parts.map((rows) => meanOf(rows.map((row) => apply(row, true))));
      return subtract(plus as Direction, minus as Direction);
    },
  });
}

interface Loaded {
  readonly sourceWidth: number;
  readonly apply: Apply;
}

function loadAffine(
  { weight: weightRef, bias: biasRef }: Pick<Extract<Mapper, { kind: 'affine' }>, 'weight' | 'bias'>,
  tensors: Tensors,
  width: number,
): Result<Loaded, TensorRefusal> {
  const weight = tensors.load(weightRef, [width, null]);
  if (!weight.ok) return weight;
  const bias = biasRef === null ? accept(null) : tensors.vector(biasRef, width);
  if (!bias.ok) return bias;
  const { data, shape } = weight.value;
  return accept({
    sourceWidth: shape[1] as number,
    apply: (x, biased) => multiply(data, x, biased ? bias.value : null),
  });
}

function loadAutoencoder(
  mapper: Extract<Mapper, { kind: 'relu-autoencoder' }>,
  tensors: Tensors,
  width: number,
): Result<Loaded, TensorRefusal> {
  const encoder = tensors.load(mapper.encoder, [null, null]);
  if (!encoder.ok) return encoder;
  const [hidden, sourceWidth] = encoder.value.shape as readonly [number, number];
  const encoderBias = tensors.vector(mapper.encoderBias, hidden);
  if (!encoderBias.ok) return encoderBias;
  const decoder = tensors.load(mapper.decoder, [width, hidden]);
  if (!decoder.ok) return decoder;
  const decoderBias = mapper.decoderBias === null ? accept(null) : tensors.vector(mapper.decoderBias, width);
  if (!decoderBias.ok) return decoderBias;
  return accept({
    sourceWidth,
    apply: (x, biased) => {
      const code = multiply(encoder.value.data, x, biased ? encoderBias.value : null);
      const active = code.map((value) => Math.max(value, 0));
      return multiply(decoder.value.data, active, biased ? decoderBias.value : null);
    },
  });
}

/** weight [outputs, inputs] times x [inputs] (plus bias [outputs]), each sum in float64. */
function multiply(weight: Float32Array, x: Direction, bias: Direction | null): Direction {
  const out = new Float64Array(weight.length / x.length);
  for (let row = 0; row < out.length; row++) {
    let sum = bias?.[row] ?? 0;
    for (let i = 0; i < x.length; i++) sum += (weight[row * x.length + i] as number) * (x[i] as number);
    out[row] = sum;
  }
  return out;
}
