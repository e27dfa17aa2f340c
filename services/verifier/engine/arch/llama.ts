import type { ModelConfig } from '../../../../protocols/artifacts/index.ts';
import { type Architecture, llamaNames } from './architecture.ts';

/** Llama 1 to 3: `attention_bias` puts a bias on all four attention projections, `mlp_bias` on the MLP's three. */
export function llama(config: ModelConfig): Architecture {
  return llamaNames(config, {
    queryKeyValue: config.attentionBias,
    output: config.attentionBias,
    mlp: config.mlpBias,
  });
}
