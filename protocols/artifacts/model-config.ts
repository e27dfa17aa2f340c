import { z } from 'zod';
import { accept, type Result, refuse } from '../base/result.ts';
import type { Rope, RopeScaling } from './rope.ts';

/** Families the engine compiles, by `model_type` of config.json. */
export const SUPPORTED_MODEL_TYPES = ['llama', 'qwen2'] as const;
export type ModelType = (typeof SUPPORTED_MODEL_TYPES)[number];

export type ModelConfigRefusal = 'config-invalid' | 'model-unsupported';

/** Bound on every extent in a config: larger than any published model, small enough that products stay exact. */
const EXTENT_LIMIT = 2 ** 22;
const extent = z.int().min(1).max(EXTENT_LIMIT);
const tokenId = z.int().min(0).max(EXTENT_LIMIT);

const theta = z.number().min(1).max(1e12);
const factor = z.number().min(1).max(1e4);
const scalingKind = z.enum(['default', 'linear', 'llama3']);
/** `rope_scaling`, or `rope_parameters` since Transformers 5; `type` is the old name of `rope_type`. */
const rope = z.object({
  rope_type: scalingKind.optional(),
  type: scalingKind.optional(),
  rope_theta: theta.optional(),
  factor: factor.optional(),
  low_freq_factor: factor.optional(),
  high_freq_factor: factor.optional(),
  original_max_position_embeddings: extent.optional(),
});

/** What we read of config.json. Other fields are ignored, except those that change the computation: see `unsupported`. */
const modelConfigSchema = z.object({
  model_type: z.enum(SUPPORTED_MODEL_TYPES),
  vocab_size: extent,
  hidden_size: extent,
  intermediate_size: extent,
  num_hidden_layers: z.int().min(1).max(1024),
  num_attention_heads: z.int().min(1).max(4096),
  num_key_value_heads: z.int().min(1).max(4096).nullish(),
  head_dim: z.int().min(2).max(4096).nullish(),
  max_position_embeddings: extent,
  rms_norm_eps: z.number().positive().max(0.1),
  rope_theta: theta.optional(),
  rope_scaling: rope.nullish(),
  rope_parameters: rope.nullish(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId).min(1).max(64)]).nullish(),
});

/** A decoder the engine can compile. All extents are positive and consistent with one another. */
export interface ModelConfig {
  readonly modelType: ModelType;
  readonly vocabSize: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly mlpWidth: number;
  readonly maxPositions: number;
  readonly normEpsilon: number;
  readonly rope: Rope;
  readonly tied: boolean;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
  readonly eosTokenIds: readonly number[];
}

/** Reads a parsed config.json. spec 10-artifacts §5. */
export function parseModelConfig(json: unknown): Result<ModelConfig, ModelConfigRefusal> {
  const obstacle = unsupported(json);
  if (obstacle !== null) return refuse('model-unsupported', obstacle);
  const parsed = modelConfigSchema.safeParse(json);
  if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
  const c = parsed.data;
  const kvHeads = c.num_key_value_heads ?? c.num_attention_heads;
  if (c.num_attention_heads % kvHeads !== 0)
    return refuse(
      'config-invalid',
      `${c.num_attention_heads} heads share ${kvHeads} key/value heads unevenly`,
    );
  const headDim = c.head_dim ?? c.hidden_size / c.num_attention_heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    return refuse('config-invalid', `a head of ${headDim} dimensions cannot be rotated in pairs`);
  const scaling = readScaling(c.rope_parameters ?? c.rope_scaling);
  if (scaling === 'incomplete')
    return refuse('config-invalid', 'the rope scaling lacks a factor or contradicts itself');
  const eos = c.eos_token_id ?? [];
  return accept({
    modelType: c.model_type,
    vocabSize: c.vocab_size,
    width: c.hidden_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    kvHeads,
    headDim,
    mlpWidth: c.intermediate_size,
    maxPositions: c.max_position_embeddings,
    normEpsilon: c.rms_norm_eps,
    rope: { theta: c.rope_theta ?? c.rope_parameters?.rope_theta ?? 10_000, scaling },
    tied: c.tie_word_embeddings,
    attentionBias: c.attention_bias,
    mlpBias: c.mlp_bias,
    eosTokenIds: Array.isArray(eos) ? eos : [eos],
  });
}

function readScaling(json: z.infer<typeof rope> | null | undefined): RopeScaling | null | 'incomplete' {
  const name = json?.rope_type ?? json?.type ?? 'default';
  if (json === null || json === undefined || name === 'default') return null;
  if (json.factor === undefined) return 'incomplete';
  if (name === 'linear') return { kind: 'linear', factor: json.factor };
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = json;
  if (low === undefined || high === undefined || original === undefined || high <= low) return 'incomplete';
  return {
    kind: 'llama3',
    factor: json.factor,
    lowFrequencyFactor: low,
    highFrequencyFactor: high,
    originalPositions: original,
  };
}

/** Why the engine cannot run this model faithfully, or null. Guessing past any of these would give wrong numbers in silence. */
function unsupported(json: unknown): string | null {
  if (typeof json !== 'object' || json === null) return null; // the schema names the fault
  const config = json as Record<string, unknown>;
  const list = SUPPORTED_MODEL_TYPES.join(', ');
  const type = config.model_type;
  if (typeof type === 'string' && !(SUPPORTED_MODEL_TYPES as readonly string[]).includes(type))
    return `model_type '${type.slice(0, 64)}' is not supported; supported: ${list}`;
  const activation = config.hidden_act ?? 'silu';
  if (activation !== 'silu')
    return `hidden_act '${String(activation).slice(0, 64)}' is not supported; supported: silu`;
  const scaling = unknownScaling(config.rope_scaling) ?? unknownScaling(config.rope_parameters);
  if (scaling !== null)
    return `rope scaling '${scaling.slice(0, 64)}' is not supported; supported: ${scalingKind.options.join(', ')}`;
  if ((config.partial_rotary_factor ?? 1) !== 1) return 'partial rotary embeddings are not supported';
  if (config.use_sliding_window === true) return 'sliding-window attention is not supported';
  if ((config.quantization_config ?? null) !== null) return 'quantised checkpoints are not supported';
  return null;
}

/** Name of a rope scaling that is not compiled, or null. */
function unknownScaling(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null; // absent, or the schema names the fault
  const scaling = value as Record<string, unknown>;
  const name = scaling.rope_type ?? scaling.type ?? 'default';
  return scalingKind.safeParse(name).success ? null : String(name);
}
