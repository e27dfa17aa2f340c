import { type ModelConfig, rotaryFrequencies } from '../../../protocols/artifacts/index.ts';
import type { Tensor } from './write-safetensors.ts';

export type Numbers = readonly number[];
type Tensors = Readonly<Record<string, Tensor>>;

export interface ReferenceOptions {
  /** What an activation becomes at a point; called at every one, in the order of the computation. */
  readonly touch?: (point: string, position: number, h: Numbers) => Numbers;
  /** Weights [out, in] in place of those of the checkpoint. */
  readonly weights?: Readonly<Record<string, Numbers>>;
}

/**
 * A decoder in plain float64 loops, written from the papers and sharing nothing with the engine: RMSNorm (Zhang and
 * Sennrich 2019), rotary embedding of halves (RoFormer, as in GPT-NeoX), grouped-query attention (Ainslie et al. 2023),
 * SwiGLU (Shazeer 2020). Returns the logits after each token, [time][vocab].
 */
export function referenceRun(
  config: ModelConfig,
  tensors: Tensors,
  ids: Numbers,
  { touch = (_, __, h) => h, weights = {} }: ReferenceOptions = {},
): readonly Numbers[] {
  const weight = (name: string): ArrayLike<number> => {
    const values = weights[name] ?? tensors[name]?.data;
    if (values === undefined) throw new Error(`no ${name}`);
    return values;
  };
  const linear = (x: Numbers, name: string): Numbers => {
    const w = weight(`${name}.weight`);
    const bias = tensors[`${name}.bias`]?.data;
    return Array.from({ length: w.length / x.length }, (_, row) =>
      x.reduce((sum, value, i) => sum + value * (w[row * x.length + i] as number), bias?.[row] ?? 0),
    );
  };
  const norm = (x: Numbers, name: string): Numbers => {
    const scale = weight(name);
    const square = x.reduce((sum, value) => sum + value * value, 0) / x.length;
    return x.map((value, i) => (value / Math.sqrt(square + config.norm.epsilon)) * (scale[i] as number));
  };
  const embedding = weight('model.embed_tokens.weight');
  const row = (id: number): Numbers =>
    Array.from({ length: config.width }, (_, i) => embedding[id * config.width + i] as number);

  let hidden = ids.map(row);
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `model.layers.${layer}`;
    const touched = (place: string, all: readonly Numbers[]) =>
      all.map((h, t) => touch(`blocks.${layer}.${place}`, t, h));
    hidden = touched('hook_resid_pre', hidden);
    const normed = hidden.map((x) => norm(x, `${at}.input_layernorm.weight`));
    const query = normed.map((x, t) => rotate(linear(x, `${at}.self_attn.q_proj`), t, config));
    const key = normed.map((x, t) => rotate(linear(x, `${at}.self_attn.k_proj`), t, config));
    const value = normed.map((x) => linear(x, `${at}.self_attn.v_proj`));
    const mixed = query.map((q, t) => attend(q, key.slice(0, t + 1), value.slice(0, t + 1), config));
    const attended = touched(
      'attn_out',
      mixed.map((x) => linear(x, `${at}.self_attn.o_proj`)),
    );
    const middle = hidden.map((x, t) => addTo(x, attended[t] as Numbers));
    const fed = touched(
      'mlp_out',
      middle.map((x) => {
        const inner = norm(x, `${at}.post_attention_layernorm.weight`);
        const up = linear(inner, `${at}.mlp.up_proj`);
        const gated = linear(inner, `${at}.mlp.gate_proj`).map(
          (g, i) => (g / (1 + Math.exp(-g))) * (up[i] as number),
        );
        return linear(gated, `${at}.mlp.down_proj`);
      }),
    );
    hidden = touched(
      'hook_resid_post',
      middle.map((x, t) => addTo(x, fed[t] as Numbers)),
    );
  }
  const head = weight(config.tied ? 'model.embed_tokens.weight' : 'lm_head.weight');
  return hidden.map((h) => {
    const last = norm(h, 'model.norm.weight');
    return Array.from({ length: config.vocabSize }, (_, id) =>
      last.reduce((sum, x, i) => sum + x * (head[id * config.width + i] as number), 0),
    );
  });
}

/** The logits after the last token, [vocab]. */
export function referenceLogits(config: ModelConfig, tensors: Tensors, ids: Numbers): Numbers {
  return referenceRun(config, tensors, ids).at(-1) as Numbers;
}

/** What stands at a point, [time][d_model], in a run that nothing touches. */
export function referenceActivations(
  config: ModelConfig,
  tensors: Tensors,
  ids: Numbers,
  point: string,
): readonly Numbers[] {
  const seen: Numbers[] = [];
  const touch = (at: string, _: number, h: Numbers) => {
    if (at === point) seen.push(h);
    return h;
  };
  referenceRun(config, tensors, ids, { touch });
  return seen;
}

function rotate(x: Numbers, position: number, { headDim, rope }: ModelConfig): Numbers {
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
  query: Numbers,
  keys: readonly Numbers[],
  values: readonly Numbers[],
  { heads, kvHeads, headDim }: ModelConfig,
): Numbers {
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

function addTo(a: Numbers, b: Numbers): Numbers {
  return a.map((value, i) => value + (b[i] as number));
}
