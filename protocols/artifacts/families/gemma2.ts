import { z } from 'zod';
import { accept, refuse } from '../../base/result.ts';
import type { Family } from './family.ts';
import { extent, scalar } from './fields.ts';
import { llamaWeights, readLlamaLike } from './llama-like.ts';
import { rmsNorm } from './weight-names.ts';
import { layerWindows, windowFields } from './windows.ts';

/** Fields whose absence would mean a default of this family's own must be said; null switches a cap off. */
const fields = windowFields.extend({
  hidden_size: extent,
  head_dim: z.int().min(2).max(4096),
  hidden_activation: z.string().max(64).nullish(),
  query_pre_attn_scalar: scalar,
  attn_logit_softcapping: scalar.nullable(),
  final_logit_softcapping: scalar.nullable(),
  sliding_window: extent.nullable(),
  attention_bias: z.boolean().default(false),
});

/**
 * Gemma 2: norms by 1 + weight before and after each module, soft caps on scores and logits, embeddings times
 * sqrt(width), every other layer with a window, scores divided by sqrt(query_pre_attn_scalar).
 */
export const gemma2: Family = {
  architectures: ['Gemma2ForCausalLM', 'Gemma2Model'],
  only: { use_bidirectional_attention: false },
  read: (json) => {
    const parsed = fields.safeParse(json);
    if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
    const c = parsed.data;
    const windows = layerWindows(c, c.sliding_window, (layer) => layer % 2 === 0);
    if (!windows.ok) return windows;
    const base = readLlamaLike(json, {
      modelType: 'gemma2',
      biases: { queryKeyValue: c.attention_bias, output: c.attention_bias, mlp: false },
      tied: true,
      activation: c.hidden_activation ?? 'gelu_pytorch_tanh',
      windows: windows.value,
    });
    if (!base.ok) return base;
    const scale = c.query_pre_attn_scalar ** -0.5;
    return accept({
      ...base.value,
      norm: { kind: 'rms-plus-one', epsilon: base.value.norm.epsilon },
      attention: base.value.attention.map((layer) => ({ ...layer, scale })),
      scoreCap: c.attn_logit_softcapping,
      logitCap: c.final_logit_softcapping,
      embeddingScale: Math.sqrt(c.hidden_size),
    });
  },
  weights: (config, has) =>
    llamaWeights(config, has, (at) => ({
      attentionPostNorm: rmsNorm(`${at}.post_attention_layernorm`),
      mlpNorm: rmsNorm(`${at}.pre_feedforward_layernorm`),
      mlpPostNorm: rmsNorm(`${at}.post_feedforward_layernorm`),
    })),
};
