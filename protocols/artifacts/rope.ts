/** How positions become angles. `scaling` stretches a trained context; null is the original embedding. */
export interface Rope {
  readonly theta: number;
  /** Dimensions of each head that are rotated, from the first on; even. The others pass as they are. */
  readonly dimensions: number;
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
    }
  | {
      readonly kind: 'longrope';
      /** One divisor a pair, [dimensions / 2]: those for contexts no longer than the original. */
      readonly shortFactors: readonly number[];
      /** Multiplies cos and sin. */
      readonly magnitude: number;
    };

/** Radians a position for each pair of dimensions, [dimensions / 2]. Su et al. 2021 (RoFormer), eq. 15. */
export function rotaryFrequencies({ theta, dimensions, scaling }: Rope): Float64Array {
  const half = dimensions / 2;
  return Float64Array.from({ length: half }, (_, i) => scale(theta ** (-i / half), i, scaling));
}

/**
 * Chen et al. 2023 (position interpolation) for `linear`; the Llama 3.1 release for `llama3`; Ding et al. 2024
 * (LongRoPE) for `longrope`.
 */
function scale(frequency: number, pair: number, scaling: RopeScaling | null): number {
  if (scaling === null) return frequency;
  if (scaling.kind === 'linear') return frequency / scaling.factor;
  if (scaling.kind === 'longrope') return frequency / (scaling.shortFactors[pair] as number);
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
  const turns = (originalPositions * frequency) / (2 * Math.PI); // in the original context
  if (turns > high) return frequency;
  if (turns < low) return frequency / factor;
  const blend = (turns - low) / (high - low);
  return (1 - blend) * (frequency / factor) + blend * frequency;
}
