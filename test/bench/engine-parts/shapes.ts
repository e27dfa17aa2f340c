/** A published model's shape: its config.json and the tensors that it implies, in the order of the file. */
export interface Shape {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly layers: number;
  readonly width: number;
  readonly vocabSize: number;
  readonly tensors: ReadonlyMap<string, readonly number[]>;
}

type Tensors = readonly (readonly [string, readonly number[]])[];

/** 124 million weights, 475 MiB in float32. */
export function gpt2Small(): Shape {
  const [layers, width, vocabSize, positions] = [12, 768, 50_257, 1_024];
  const block = (i: number): Tensors =>
    (
      [
        ['ln_1.weight', [width]],
        ['ln_1.bias', [width]],
        ['attn.c_attn.weight', [width, 3 * width]],
        ['attn.c_attn.bias', [3 * width]],
        ['attn.c_proj.weight', [width, width]],
        ['attn.c_proj.bias', [width]],
        ['ln_2.weight', [width]],
        ['ln_2.bias', [width]],
        ['mlp.c_fc.weight', [width, 4 * width]],
        ['mlp.c_fc.bias', [4 * width]],
        ['mlp.c_proj.weight', [4 * width, width]],
        ['mlp.c_proj.bias', [width]],
      ] as const
    ).map(([name, shape]) => [`transformer.h.${i}.${name}`, shape]);
  return {
    name: 'gpt2',
    layers,
    width,
    vocabSize,
    config: {
      architectures: ['GPT2LMHeadModel'],
      model_type: 'gpt2',
      activation_function: 'gelu_new',
      layer_norm_epsilon: 1e-5,
      n_embd: width,
      n_head: 12,
      n_layer: layers,
      n_positions: positions,
      vocab_size: vocabSize,
      bos_token_id: 50_256,
      eos_token_id: 50_256,
      torch_dtype: 'float32',
    },
    tensors: new Map([
      ['transformer.wte.weight', [vocabSize, width]],
      ['transformer.wpe.weight', [positions, width]],
      ...blocks(layers, block),
      ['transformer.ln_f.weight', [width]],
      ['transformer.ln_f.bias', [width]],
    ]),
  };
}

/** 494 million weights, 1.9 GiB in float32. */
export function qwen2Half(): Shape {
  const [layers, width, vocabSize, inner, keys] = [24, 896, 151_936, 4_864, 128];
  const block = (i: number): Tensors =>
    (
      [
        ['input_layernorm.weight', [width]],
        ['self_attn.q_proj.weight', [width, width]],
        ['self_attn.q_proj.bias', [width]],
        ['self_attn.k_proj.weight', [keys, width]],
        ['self_attn.k_proj.bias', [keys]],
        ['self_attn.v_proj.weight', [keys, width]],
        ['self_attn.v_proj.bias', [keys]],
        ['self_attn.o_proj.weight', [width, width]],
        ['post_attention_layernorm.weight', [width]],
        ['mlp.gate_proj.weight', [inner, width]],
        ['mlp.up_proj.weight', [inner, width]],
        ['mlp.down_proj.weight', [width, inner]],
      ] as const
    ).map(([name, shape]) => [`model.layers.${i}.${name}`, shape]);
  return {
    name: 'qwen2',
    layers,
    width,
    vocabSize,
    config: {
      architectures: ['Qwen2ForCausalLM'],
      model_type: 'qwen2',
      hidden_act: 'silu',
      hidden_size: width,
      intermediate_size: inner,
      num_hidden_layers: layers,
      num_attention_heads: 14,
      num_key_value_heads: 2,
      max_position_embeddings: 32_768,
      rms_norm_eps: 1e-6,
      rope_theta: 1_000_000,
      tie_word_embeddings: true,
      use_sliding_window: false,
      vocab_size: vocabSize,
      bos_token_id: 151_643,
      eos_token_id: 151_645,
      torch_dtype: 'float32',
    },
    tensors: new Map([
      ['model.embed_tokens.weight', [vocabSize, width]],
      ...blocks(layers, block),
      ['model.norm.weight', [width]],
    ]),
  };
}

function blocks(layers: number, block: (i: number) => Tensors): Tensors {
  return Array.from({ length: layers }, (_, i) => block(i)).flat();
}
