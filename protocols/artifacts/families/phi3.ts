import { z } from 'zod';
import { refuse } from '../../base/result.ts';
import type { Family } from './family.ts';
import { extent, layerCount } from './fields.ts';
import { llamaWeights, readLlamaLike } from './llama-like.ts';
import { linear } from './weight-names.ts';

const fields = z.object({ num_hidden_layers: layerCount, sliding_window: extent.nullish() });

/**
 * Phi-3 and Phi-4-mini: Llama with one matrix for queries, keys and values and one for gate and up. Its LongRoPE
 * models run up to the context they were first trained on.
 */
export const phi3: Family = {
  architectures: ['Phi3ForCausalLM', 'Phi3Model'],
  only: {},
  read: (json) => {
    const parsed = fields.safeParse(json);
    if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
    const { num_hidden_layers: layers, sliding_window: window } = parsed.data;
    return readLlamaLike(json, {
      modelType: 'phi3',
      biases: { queryKeyValue: false, output: false, mlp: false },
      tied: false,
      partialRotary: true,
      windows: Array.from({ length: layers }, () => window ?? null),
    });
  },
  weights: (config, has) =>
    llamaWeights(config, has, (at) => ({
      projections: { kind: 'stacked', all: linear(`${at}.self_attn.qkv_proj`, false) },
      mlp: {
        kind: 'gated-stacked',
        gateUp: linear(`${at}.mlp.gate_up_proj`, false),
        down: linear(`${at}.mlp.down_proj`, false),
      },
    })),
};
