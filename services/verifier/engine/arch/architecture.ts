import type { ModelConfig } from '../../../../protocols/artifacts/index.ts';

/** Weight names of one linear layer; the weight is [out, in] as PyTorch stores it. */
export interface Linear {
  readonly weight: string;
  readonly bias: string | null;
}

export interface BlockNames {
  readonly attentionNorm: string;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly mlpNorm: string;
  readonly gate: Linear;
  readonly up: Linear;
  readonly down: Linear;
}

/**
 * What a family adds to the shared decoder (RMSNorm, rotary attention with grouped heads, gated SiLU MLP):
 * where its weights are and which layers carry a bias.
 */
export interface Architecture {
  readonly embedding: string;
  readonly finalNorm: string;
  readonly head: string;
  block(layer: number): BlockNames;
}

export interface BiasPlan {
  readonly queryKeyValue: boolean;
  readonly output: boolean;
  readonly mlp: boolean;
}

/** The weight names that Llama introduced and Qwen2 kept. */
export function llamaNames(config: ModelConfig, bias: BiasPlan): Architecture {
  const linear = (name: string, biased: boolean): Linear => ({
    weight: `${name}.weight`,
    bias: biased ? `${name}.bias` : null,
  });
  return {
    embedding: 'model.embed_tokens.weight',
    finalNorm: 'model.norm.weight',
    head: config.tied ? 'model.embed_tokens.weight' : 'lm_head.weight',
    block: (layer) => {
      const at = `model.layers.${layer}`;
      return {
        attentionNorm: `${at}.input_layernorm.weight`,
        query: linear(`${at}.self_attn.q_proj`, bias.queryKeyValue),
        key: linear(`${at}.self_attn.k_proj`, bias.queryKeyValue),
        value: linear(`${at}.self_attn.v_proj`, bias.queryKeyValue),
        output: linear(`${at}.self_attn.o_proj`, bias.output),
        mlpNorm: `${at}.post_attention_layernorm.weight`,
        gate: linear(`${at}.mlp.gate_proj`, bias.mlp),
        up: linear(`${at}.mlp.up_proj`, bias.mlp),
        down: linear(`${at}.mlp.down_proj`, bias.mlp),
      };
    },
  };
}
