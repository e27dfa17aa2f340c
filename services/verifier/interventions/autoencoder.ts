import type { SaeFeature } from '../../../protocols/artifacts/index.ts';

/** An activation as the encoder reads it, and the factor that brings a step of the decoder back to its scale. */
interface Normalised {
  readonly x: Float64Array;
  readonly undo: number;
}

export interface FeatureReading {
  /** f(h). */
  readonly value: number;
  /** Factor of `undo-normalisation`. */
  readonly undo: number;
}

/** The feature's activation at h [d], in float64. spec 10-artifacts §6.6 */
export function readFeature(feature: SaeFeature, h: Float32Array): FeatureReading {
  const { x, undo } = normalise(feature, h);
  const input = feature.inputBias === null ? x : x.map((value, i) => value - at(feature.inputBias, i));
  const before = dot(input, feature.column) + feature.bias;
  return { value: activate(feature, before, input), undo };
}

function normalise({ normalisation }: SaeFeature, h: Float32Array): Normalised {
  const x = Float64Array.from(h);
  switch (normalisation.kind) {
    case 'none':
      return { x, undo: 1 };
    case 'expected-average-only-in':
      return { x: x.map((value) => value * normalisation.scale), undo: 1 / normalisation.scale };
    case 'constant-norm-rescale': {
      const length = Math.sqrt(dot(x, x));
      if (length === 0) return { x, undo: 0 };
      const factor = Math.sqrt(x.length) / length;
      return { x: x.map((value) => value * factor), undo: 1 / factor };
    }
    case 'layer-norm': {
      const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
      const centred = x.map((value) => value - mean);
      const std = Math.sqrt(dot(centred, centred) / (x.length - 1));
      return { x: centred.map((value) => value / (std + normalisation.epsilon)), undo: std };
    }
  }
}

function activate({ activation, feature }: SaeFeature, before: number, input: Float64Array): number {
  if (activation.kind === 'jump-relu') return before > activation.threshold ? Math.max(before, 0) : 0;
  if (activation.kind === 'relu' || before <= 0) return Math.max(before, 0);
  const all = preActivations(activation, input);
  const own = at(all, feature);
  const larger = all.filter((value, other) => value > own || (value === own && other < feature)).length;
  return larger < activation.k ? before : 0;
}

/** input [d] times encoder [d, features], plus the biases. */
function preActivations(
  { encoder, biases }: { readonly encoder: Float32Array; readonly biases: Float32Array },
  input: Float64Array,
): Float64Array {
  const out = Float64Array.from(biases);
  for (const [i, x] of input.entries())
    for (let f = 0; f < out.length; f++) out[f] = at(out, f) + x * at(encoder, i * out.length + f);
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i);
  return sum;
}

function at(list: Float64Array | Float32Array | null, index: number): number {
  return list?.[index] as number;
}
