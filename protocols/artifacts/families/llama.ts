import { z } from 'zod';
import { refuse } from '../../base/result.ts';
import type { Family } from './family.ts';
import { llamaWeights, readLlamaLike } from './llama-like.ts';

const biasFields = z.object({
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
});

/** Llama 1 to 3: `attention_bias` puts a bias on all four attention projections, `mlp_bias` on the MLP's three. */
export const llama: Family = {
  architectures: ['LlamaForCausalLM', 'LlamaModel'],
  only: {},
  read: (json) => {
    const biases = biasFields.safeParse(json);
    if (!biases.success) return refuse('config-invalid', z.prettifyError(biases.error));
    const { attention_bias: attention, mlp_bias: mlp } = biases.data;
    return readLlamaLike(json, {
      modelType: 'llama',
      biases: { queryKeyValue: attention, output: attention, mlp },
      tied: false,
    });
  },
  weights: llamaWeights,
};
