import { z } from 'zod';
import { accept, type Result, refuse } from '../../base/result.ts';
import type { BlockWeights, DecoderWeights, ModelConfig } from '../decoder.ts';
import type { ModelConfigRefusal } from './family.ts';
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
import { linear, namePrefix, rmsNorm } from './weight-names.ts';

/** Fields that Llama introduced and its successors kept. */
const llamaFields = z.object({
  vocab_size: extent,
  hidden_size: extent,
  intermediate_size: extent,
  num_hidden_layers: layerCount,
  num_attention_heads: headCount,
  num_key_value_heads: headCount.nullish(),
  head_dim: z.int().min(2).max(4096).nullish(),
  max_position_embeddings: extent,
  rms_norm_eps: epsilon,
  hidden_act: z.string().max(64).default('silu'),
  tie_word_embeddings: z.boolean().nullish(),
  eos_token_id: eosTokens,
  ...ropeFields,
});

/** What a family of this kind settles itself; the rest is read. */
export interface LlamaLike {
  readonly modelType: ModelConfig['modelType'];
  readonly biases: ModelConfig['biases'];
  /** Taken where the config is silent. */
  readonly tied: boolean;
  /** Name of the activation, where the family reads it from a field of its own. */
  readonly activation?: string;
  /** Whether the family knows heads that are rotated in part. Default: no. */
  readonly partialRotary?: boolean;
  /** Window of each layer's attention; null for none. Default: no windows. */
  readonly windows?: readonly (number | null)[];
}

/** The decoder with RMSNorm, rotary attention with grouped heads and a gated MLP. */
export function readLlamaLike(
  json: Readonly<Record<string, unknown>>,
  family: LlamaLike,
): Result<ModelConfig, ModelConfigRefusal> {
  const parsed = llamaFields.safeParse(json);
  if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
  const c = parsed.data;
  const heads = c.num_attention_heads;
  const kvHeads = c.num_key_value_heads ?? heads;
  if (heads % kvHeads !== 0)
    return refuse('config-invalid', `${heads} heads share ${kvHeads} key/value heads unevenly`);
  const headDim = c.head_dim ?? c.hidden_size / heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    return refuse('config-invalid', `a head of ${headDim} dimensions cannot be rotated in pairs`);
  const name = family.activation ?? c.hidden_act;
  const activation = readActivation(name);
  if (activation === null) return refuse('model-unsupported', activationRefusal('hidden_act', name));
  const rope = readRope(c, headDim, c.max_position_embeddings, { theta: 10_000, fraction: 1 });
  if (!rope.ok) return rope;
  if (rope.value.rope.dimensions !== headDim && family.partialRotary !== true)
    return refuse('model-unsupported', 'partial rotary embeddings are not supported in this family');
  const layers = c.num_hidden_layers;
  return accept({
    modelType: family.modelType,
    vocabSize: c.vocab_size,
    width: c.hidden_size,
    layers,
    heads,
    kvHeads,
    headDim,
    mlpWidth: c.intermediate_size,
    maxPositions: rope.value.maxPositions,
    norm: { kind: 'rms', epsilon: c.rms_norm_eps },
    activation,
    rope: rope.value.rope,
    attention: Array.from({ length: layers }, (_, layer) => ({
      window: family.windows?.[layer] ?? null,
      scale: headDim ** -0.5,
    })),
    scoreCap: null,
    logitCap: null,
    embeddingScale: 1,
    parallel: false,
    tied: c.tie_word_embeddings ?? family.tied,
    biases: family.biases,
    eosTokenIds: listTokens(c.eos_token_id),
  });
}

/**
 * The weight names that Llama introduced and its successors kept.
 * @param own what a family has otherwise in a block, by the prefix of the block's names
 */
export function llamaWeights(
  config: ModelConfig,
  has: (tensor: string) => boolean,
  own: (at: string) => Partial<BlockWeights> = () => ({}),
): DecoderWeights {
  const prefix = namePrefix('model.', 'embed_tokens.weight', has);
  return {
    embedding: `${prefix}embed_tokens.weight`,
    positions: null,
    finalNorm: rmsNorm(`${prefix}norm`),
    head: linear(config.tied ? `${prefix}embed_tokens` : 'lm_head', false),
    block: (layer) => {
      const at = `${prefix}layers.${layer}`;
      return { ...llamaBlock(at, config.biases), ...own(at) };
    },
  };
}

function llamaBlock(at: string, biases: ModelConfig['biases']): BlockWeights {
  return {
    attentionNorm: rmsNorm(`${at}.input_layernorm`),
    projections: {
      kind: 'separate',
      query: linear(`${at}.self_attn.q_proj`, biases.queryKeyValue),
      key: linear(`${at}.self_attn.k_proj`, biases.queryKeyValue),
      value: linear(`${at}.self_attn.v_proj`, biases.queryKeyValue),
    },
    queryNorm: null,
    keyNorm: null,
    output: linear(`${at}.self_attn.o_proj`, biases.output),
    attentionPostNorm: null,
    mlpNorm: rmsNorm(`${at}.post_attention_layernorm`),
    mlp: {
      kind: 'gated',
      gate: linear(`${at}.mlp.gate_proj`, biases.mlp),
      up: linear(`${at}.mlp.up_proj`, biases.mlp),
      down: linear(`${at}.mlp.down_proj`, biases.mlp),
    },
    mlpPostNorm: null,
  };
}
