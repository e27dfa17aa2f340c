import { type ModelConfig, rotaryFrequencies } from '../../../protocols/artifacts/index.ts';
import type { Tensor } from '../../support/verifier/write-safetensors.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * A decoder in plain float64 loops, written from the papers and sharing nothing with the engine: RMSNorm (Zhang and
 * Sennrich 2019), rotary embedding of halves (RoFormer, as in GPT-NeoX), grouped-query attention (Ainslie et al. 2023),
 * SwiGLU (Shazeer 2020). Returns the logits after the last token, [vocab].
 */
export function referenceLogits(config: ModelConfig, tensors: Tensors, ids: readonly number[]): number[] {
  const weight = (name: string) => {
    const tensor = tensors[name];
    if (tensor === undefined) throw new Error(`no ${name}`);
    return tensor.data;
  };
  const linear = (x: readonly number[], name: string): number[] => {
    const w = weight(`${name}.weight`);
    const bias = tensors[`${name}.bias`]?.data;
    return Array.from({ length: w.length / x.length }, (_, row) =>
      x.reduce((sum, value, i) => sum + value * (w[row * x.length + i] as number), bias?.[row] ?? 0),
    );
  };
  const norm = (x: readonly number[], name: string): number[] => {
    const scale = weight(name);
    const square = x.reduce((sum, value) => sum + value * value, 0) / x.length;
    return x.map((value, i) => (value / Math.sqrt(square + config.norm.epsilon)) * (scale[i] as number));
  };
  const embedding = weight('model.embed_tokens.weight');
  const row = (id: number) => [...embedding.subarray(id * config.width, (id + 1) * config.width)];

  let hidden = ids.map(row);
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `model.layers.${layer}`;
    const normed = hidden.map((x) => norm(x, `${at}.input_layernorm.weight`));
    const query = normed.map((x, t) => rotate(linear(x, `${at}.self_attn.q_proj`), t, config));
    const key = normed.map((x, t) => rotate(linear(x, `${at}.self_attn.k_proj`), t, config));
    const value = normed.map((x) => linear(x, `${at}.self_attn.v_proj`));
    hidden = hidden.map((x, t) => {
      const mixed = attend(query[t] as number[], key.slice(0, t + 1), value.slice(0, t + 1), config);
      const middle = addTo(x, linear(mixed, `${at}.self_attn.o_proj`));
      const inner = norm(middle, `${at}.post_attention_layernorm.weight`);
      const up = linear(inner, `${at}.mlp.up_proj`);
      const gated = linear(inner, `${at}.mlp.gate_proj`).map(
        (g, i) => (g / (1 + Math.exp(-g))) * (up[i] as number),
      );
      return addTo(middle, linear(gated, `${at}.mlp.down_proj`));
    });
  }
  const last = norm(hidden.at(-1) as number[], 'model.norm.weight');
  const head = weight(config.tied ? 'model.embed_tokens.weight' : 'lm_head.weight');
  return Array.from({ length: config.vocabSize }, (_, id) =>
    last.reduce((sum, x, i) => sum + x * (head[id * config.width + i] as number), 0),
  );
}

function rotate(x: readonly number[], position: number, { headDim, rope }: ModelConfig): number[] {
  const half = headDim / 2;
  if (rope === null) throw new TypeError('this decoder rotates');
  const frequencies = rotaryFrequencies(rope); // has its own test
  return x.map((value, i) => {
    const inHead = i % headDim;
    const angle = position * (frequencies[inHead % half] as number);
    const partner = inHead < half ? -(x[i + half] as number) : (x[i - half] as number);
    return value * Math.cos(angle) + partner * Math.sin(angle);
  });
}

function attend(
  query: readonly number[],
  keys: readonly (readonly number[])[],
  values: readonly (readonly number[])[],
  { heads, kvHeads, headDim }: ModelConfig,
): number[] {
  return Array.from({ length: heads }, (_, head) => {
    const shared = Math.floor(head / (heads / kvHeads)) * headDim;
    const q = query.slice(head * headDim, (head + 1) * headDim);
    const scores = keys.map((key) => q.reduce((sum, x, i) => sum + x * (key[shared + i] as number), 0));
    const scaled = scores.map((score) => Math.exp(score / Math.sqrt(headDim)));
    const total = scaled.reduce((sum, x) => sum + x, 0);
    return Array.from({ length: headDim }, (__, i) =>
      values.reduce(
        (sum, value, t) => sum + ((scaled[t] as number) / total) * (value[shared + i] as number),
        0,
      ),
    );
  }).flat();
}

function addTo(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value + (b[i] as number));
}
