import { z } from 'zod';
import { accept, refuse } from '../../base/result.ts';
import type { Linear } from '../decoder.ts';
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
import { layerNorm, linear, namePrefix } from './weight-names.ts';

const fields = z.object({
  vocab_size: extent,
  n_positions: extent,
  n_embd: extent,
  n_layer: layerCount,
  n_head: headCount,
  n_inner: extent.nullish(),
  activation_function: z.string().max(64).default('gelu_new'),
  layer_norm_epsilon: epsilon,
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  tie_word_embeddings: z.boolean().nullish(),
  eos_token_id: eosTokens,
});

/** GPT-2: LayerNorm, learned positions, one matrix for q, k, v; Conv1D keeps its weights as [in, out]. */
export const gpt2: Family = {
  architectures: ['GPT2LMHeadModel', 'GPT2Model'],
  only: { add_cross_attention: false },
  read: (json) => {
    const parsed = fields.safeParse(json);
    if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
    const c = parsed.data;
    const activation = readActivation(c.activation_function);
    if (activation === null)
      return refuse('model-unsupported', activationRefusal('activation_function', c.activation_function));
    const headDim = c.n_embd / c.n_head;
    if (!Number.isInteger(headDim)) return refuse('config-invalid', `${c.n_head} heads over ${c.n_embd}`);
    const scale = c.scale_attn_weights ? headDim ** -0.5 : 1;
    return accept({
      modelType: 'gpt2',
      vocabSize: c.vocab_size,
      width: c.n_embd,
      layers: c.n_layer,
      heads: c.n_head,
      kvHeads: c.n_head,
      headDim,
      mlpWidth: c.n_inner ?? 4 * c.n_embd,
      maxPositions: c.n_positions,
      norm: { kind: 'layer', epsilon: c.layer_norm_epsilon },
      activation,
      rope: null,
      attention: Array.from({ length: c.n_layer }, (_, layer) => ({
        window: null,
        scale: c.scale_attn_by_inverse_layer_idx ? scale / (layer + 1) : scale,
      })),
      scoreCap: null,
      logitCap: null,
      embeddingScale: 1,
      parallel: false,
      tied: c.tie_word_embeddings ?? true,
      biases: { queryKeyValue: true, output: true, mlp: true },
      eosTokenIds: listTokens(c.eos_token_id),
    });
  },
  weights: ({ tied }, has) => {
    const prefix = namePrefix('transformer.', 'wte.weight', has);
    return {
      embedding: `${prefix}wte.weight`,
      positions: `${prefix}wpe.weight`,
      finalNorm: layerNorm(`${prefix}ln_f`),
      head: linear(tied ? `${prefix}wte` : 'lm_head', false),
      block: (layer) => {
        const at = `${prefix}h.${layer}`;
        return {
          attentionNorm: layerNorm(`${at}.ln_1`),
          projections: { kind: 'stacked', all: conv1d(`${at}.attn.c_attn`) },
          queryNorm: null,
          keyNorm: null,
          output: conv1d(`${at}.attn.c_proj`),
          attentionPostNorm: null,
          mlpNorm: layerNorm(`${at}.ln_2`),
          mlp: { kind: 'plain', up: conv1d(`${at}.mlp.c_fc`), down: conv1d(`${at}.mlp.c_proj`) },
          mlpPostNorm: null,
        };
      },
    };
  },
};

function conv1d(name: string): Linear {
  return { weight: `${name}.weight`, bias: `${name}.bias`, stored: 'in-out' };
}
