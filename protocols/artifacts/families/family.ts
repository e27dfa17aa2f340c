import type { Result } from '../../base/result.ts';
import type { DecoderWeights, ModelConfig } from '../decoder.ts';

export type ModelConfigRefusal = 'config-invalid' | 'model-unsupported';

/** One model family: how its config.json describes the shared decoder, and where its weights are. */
export interface Family {
  /** Classes that name a causal language model of this family in `architectures`. */
  readonly architectures: readonly string[];
  /**
   * Fields that must hold this value where they are present and not null: any other changes the computation in a way
   * that is not compiled.
   */
  readonly only: Readonly<Record<string, boolean | number | string>>;
  read(json: Readonly<Record<string, unknown>>): Result<ModelConfig, ModelConfigRefusal>;
  /** `has` tells whether the checkpoint holds a tensor of that name: names come with and without the model's prefix. */
  weights(config: ModelConfig, has: (tensor: string) => boolean): DecoderWeights;
}
