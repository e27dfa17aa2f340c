/** How positions become angles. `scaling` stretches a trained context; null is the original embedding. */
export interface Rope {
  readonly theta: number;
  readonly scaling: RopeScaling | null;
}
export type RopeScaling =
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      /** Positions the model was trained on before its context was stretched. */
      readonly originalPositions: number;
    };

/** Radians a position for each pair of dimensions, [headDim / 2]. Su et al. 2021 (RoFormer), eq. 15. */
export function rotaryFrequencies({ theta, scaling }: Rope, headDim: number): Float64Array {
  const half = headDim / 2;
  return Float64Array.from({ length: half }, (_, i) => scale(theta ** (-i / half), scaling));
}

/** Chen et al. 2023 (position interpolation) for `linear`; the Llama 3.1 release for `llama3`. */
function scale(frequency: number, scaling: RopeScaling | null): number {
  if (scaling === null) return frequency;
  if (scaling.kind === 'linear') return frequency / scaling.factor;
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
  const turns = (originalPositions * frequency) / (2 * Math.PI); // in the original context
  if (turns > high) return frequency;
  if (turns < low) return frequency / factor;
  const blend = (turns - low) / (high - low);
  return (1 - blend) * (frequency / factor) + blend * frequency;
}
