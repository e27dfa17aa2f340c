import { z } from 'zod';
import { accept, refuse } from '../../base/result.ts';
import type { Family } from './family.ts';
import {
  activationRefusal,
  eosTokens,
  epsilon,
  extent,
  headCount,
  layerCount,
  listTokens,
  readActivation,
} from './fields.ts';
import { readRope, ropeFields } from './rope-fields.ts';
import { layerNorm, linear, namePrefix } from './weight-names.ts';

const fields = z.object({
  vocab_size: extent,
  hidden_size: extent,
  intermediate_size: extent,
  num_hidden_layers: layerCount,
  num_attention_heads: headCount,
  max_position_embeddings: extent,
  layer_norm_eps: epsilon,
  hidden_act: z.string().max(64).default('gelu'),
  rotary_pct: z.number().positive().max(1).nullish(),
  rotary_emb_base: z.number().min(1).max(1e12).nullish(),
  use_parallel_residual: z.boolean().default(true),
  attention_bias: z.boolean().default(true),
  tie_word_embeddings: z.boolean().nullish(),
  eos_token_id: eosTokens,
  ...ropeFields,
});

/** GPT-NeoX and Pythia: LayerNorm, parallel attention and MLP, a quarter of each head rotated, q, k, v fused by head. */
export const gptNeox: Family = {
  architectures: ['GPTNeoXForCausalLM', 'GPTNeoXModel'],
  only: {},
  read: (json) => {
    const parsed = fields.safeParse(json);
    if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
    const c = parsed.data;
    const activation = readActivation(c.hidden_act);
    if (activation === null)
      return refuse('model-unsupported', activationRefusal('hidden_act', c.hidden_act));
    const heads = c.num_attention_heads;
    const headDim = c.hidden_size / heads;
    if (!Number.isInteger(headDim)) return refuse('config-invalid', `${heads} heads over ${c.hidden_size}`);
    // `rotary_emb_base` and `rotary_pct` are this family's own names; rope_theta at the top level is not read by it.
    const rope = readRope(
      { ...c, rope_theta: null, partial_rotary_factor: null },
      headDim,
      c.max_position_embeddings,
      { theta: c.rotary_emb_base ?? 10_000, fraction: c.rotary_pct ?? 0.25 },
    );
    if (!rope.ok) return rope;
    const layers = c.num_hidden_layers;
    return accept({
      modelType: 'gpt_neox',
      vocabSize: c.vocab_size,
      width: c.hidden_size,
      layers,
      heads,
      kvHeads: heads,
      headDim,
      mlpWidth: c.intermediate_size,
      maxPositions: rope.value.maxPositions,
      norm: { kind: 'layer', epsilon: c.layer_norm_eps },
      activation,
      rope: rope.value.rope,
      attention: Array.from({ length: layers }, () => ({ window: null, scale: headDim ** -0.5 })),
      scoreCap: null,
      logitCap: null,
      embeddingScale: 1,
      parallel: c.use_parallel_residual,
      tied: c.tie_word_embeddings ?? false,
      biases: { queryKeyValue: c.attention_bias, output: c.attention_bias, mlp: true },
      eosTokenIds: listTokens(c.eos_token_id),
    });
  },
  weights: ({ tied, biases }, has) => {
    const prefix = namePrefix('gpt_neox.', 'embed_in.weight', has);
    return {
      embedding: `${prefix}embed_in.weight`,
      positions: null,
      finalNorm: layerNorm(`${prefix}final_layer_norm`),
      head: linear(tied ? `${prefix}embed_in` : has('lm_head.weight') ? 'lm_head' : 'embed_out', false),
      block: (layer) => {
        const at = `${prefix}layers.${layer}`;
        return {
          attentionNorm: layerNorm(`${at}.input_layernorm`),
          projections: {
            kind: 'by-head',
            all: linear(`${at}.attention.query_key_value`, biases.queryKeyValue),
          },
          queryNorm: null,
          keyNorm: null,
          output: linear(`${at}.attention.dense`, biases.output),
          attentionPostNorm: null,
          mlpNorm: layerNorm(`${at}.post_attention_layernorm`),
          mlp: {
            kind: 'plain',
            up: linear(`${at}.mlp.dense_h_to_4h`, biases.mlp),
            down: linear(`${at}.mlp.dense_4h_to_h`, biases.mlp),
          },
          mlpPostNorm: null,
        };
      },
    };
  },
};
