import { z } from 'zod';
import { accept, refuse } from '../../base/result.ts';
import type { Family } from './family.ts';
import { extent } from './fields.ts';
import { llamaWeights, readLlamaLike } from './llama-like.ts';

const TANH = 'gelu_pytorch_tanh';

/** `head_dim` has a default of its own, 256, so it must be said. */
const fields = z.object({
  hidden_size: extent,
  head_dim: z.int().min(2).max(4096),
  hidden_act: z.string().max(64).default(TANH),
  attention_bias: z.boolean().default(false),
});

/** Gemma 1: Llama with norms by 1 + weight and embeddings times sqrt(width). */
export const gemma: Family = {
  architectures: ['GemmaForCausalLM', 'GemmaModel'],
  only: { use_bidirectional_attention: false, hidden_activation: TANH },
  read: (json) => {
    const parsed = fields.safeParse(json);
    if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
    const { hidden_size: width, hidden_act: name, attention_bias: biased } = parsed.data;
    const base = readLlamaLike(json, {
      modelType: 'gemma',
      biases: { queryKeyValue: biased, output: biased, mlp: false },
      tied: true,
      activation: name === 'gelu' ? TANH : name, // the first releases say `gelu` and mean its approximation
    });
    if (!base.ok) return base;
    const { epsilon } = base.value.norm;
    return accept({
      ...base.value,
      norm: { kind: 'rms-plus-one', epsilon },
      embeddingScale: Math.sqrt(width),
    });
  },
  weights: llamaWeights,
};
