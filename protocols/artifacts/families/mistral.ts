import { z } from 'zod';
import { refuse } from '../../base/result.ts';
import type { Family } from './family.ts';
import { extent, layerCount } from './fields.ts';
import { llamaWeights, readLlamaLike } from './llama-like.ts';

const fields = z.object({ num_hidden_layers: layerCount, sliding_window: extent.nullish() });

/** Mistral 7B and its kin: Llama without biases, every layer with the window where there is one. */
export const mistral: Family = {
  architectures: ['MistralForCausalLM', 'MistralModel'],
  only: {},
  read: (json) => {
    // Transformers ignores layer_types here and asks for another class, so the two readings of such a config differ.
    if ((json.layer_types ?? null) !== null)
      return refuse('model-unsupported', 'layer_types is not supported in this family');
    const parsed = fields.safeParse(json);
    if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
    const { num_hidden_layers: layers, sliding_window: window } = parsed.data;
    return readLlamaLike(json, {
      modelType: 'mistral',
      biases: { queryKeyValue: false, output: false, mlp: false },
      tied: false,
      windows: Array.from({ length: layers }, () => window ?? null),
    });
  },
  weights: llamaWeights,
};
