import { z } from 'zod';
import { refuse } from '../../base/result.ts';
import type { Family } from './family.ts';
import { llamaWeights, readLlamaLike } from './llama-like.ts';
import { rmsNorm } from './weight-names.ts';
import { qwenWindows } from './windows.ts';

/** `head_dim` has a default of its own, 128, so it must be said. */
const fields = z.object({
  head_dim: z.int().min(2).max(4096),
  attention_bias: z.boolean().default(false),
});

/** Qwen3, dense: Qwen2 with a norm over each head of the queries and keys. */
export const qwen3: Family = {
  architectures: ['Qwen3ForCausalLM', 'Qwen3Model'],
  only: {},
  read: (json) => {
    const parsed = fields.safeParse(json);
    if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
    const windows = qwenWindows(json);
    if (!windows.ok) return windows;
    const { attention_bias: biased } = parsed.data;
    return readLlamaLike(json, {
      modelType: 'qwen3',
      biases: { queryKeyValue: biased, output: biased, mlp: false },
      tied: false,
      windows: windows.value,
    });
  },
  weights: (config, has) =>
    llamaWeights(config, has, (at) => ({
      queryNorm: rmsNorm(`${at}.self_attn.q_norm`),
      keyNorm: rmsNorm(`${at}.self_attn.k_norm`),
    })),
};
