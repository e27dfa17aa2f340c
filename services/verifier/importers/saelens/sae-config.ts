import { z } from 'zod';
import type { Autoencoder, PointName } from '../../../../protocols/artifacts/index.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { pointOfHook } from '../point-of-hook.ts';

export type SaeConfigRefusal =
  | 'sae-config-invalid'
  | 'sae-unsupported'
  | 'sae-activation-scale-missing'
  | 'hook-unsupported';

const count = z
  .int()
  .min(1)
  .max(2 ** 24);
const text = z.string().max(200);

/** Fields of every version so far: `hook_point…` before 3, on one level before 6, in `metadata` since. */
const fields = {
  architecture: text.optional(),
  d_in: count,
  d_sae: count,
  activation_fn: text.optional(),
  activation_fn_str: text.optional(),
  activation_fn_kwargs: z.looseObject({ k: count.optional() }).nullish(),
  k: count.optional(),
  apply_b_dec_to_input: z.boolean().default(true),
  normalize_activations: z.union([text, z.boolean()]).nullish(),
  reshape_activations: text.optional(),
  finetuning_scaling_factor: z.boolean().nullish(),
  rescale_acts_by_decoder_norm: z.boolean().nullish(),
  hook_name: text.optional(),
  hook_point: text.optional(),
  hook_head_index: z.int().nullish(),
  hook_point_head_index: z.int().nullish(),
  model_name: text.nullish(),
};
const place = z.looseObject({
  hook_name: text.nullish(),
  hook_head_index: z.int().nullish(),
  model_name: text.nullish(),
});
const saeConfig = z.looseObject({ ...fields, metadata: place.nullish() });
type Fields = z.infer<typeof saeConfig>;

export interface SaeConfig {
  readonly point: PointName;
  readonly width: number;
  readonly features: number;
  readonly activation:
    | { readonly kind: 'relu' | 'jump-relu' }
    | { readonly kind: 'top-k'; readonly k: number };
  readonly normalisation: Autoencoder['normalisation'];
  readonly subtractDecoderBias: boolean;
  readonly model: string | null;
}

/** What SAELens adds to the standard deviation. */
const LAYER_NORM_EPSILON = 1e-5;

/**
 * `cfg.json` of a SAELens directory. @param activationScale sqrt(d) / mean |x|, which the file does not have, where
 * activations were scaled by it. Source: SAELens 6.54 saes/sae.py, loading/pretrained_sae_loaders.py.
 */
export function parseSaeConfig(
  json: unknown,
  activationScale: number | null,
): Result<SaeConfig, SaeConfigRefusal> {
  const parsed = saeConfig.safeParse(json);
  if (!parsed.success) return refuse('sae-config-invalid', z.prettifyError(parsed.error));
  const config = parsed.data;
  const { metadata } = config;
  const hook = metadata?.hook_name ?? config.hook_name ?? config.hook_point;
  const point = hook === undefined ? null : pointOfHook(hook);
  if (point === null) return refuse('hook-unsupported', hook ?? 'cfg.json names no hook');
  const unsupported = findUnsupported(config);
  if (unsupported !== null) return refuse('sae-unsupported', unsupported);
  const activation = activationOf(config);
  if (activation === null)
    return refuse('sae-unsupported', `architecture ${config.architecture}, ${nameOfActivation(config)}`);
  const normalisation = normalisationOf(config, activationScale);
  if (!normalisation.ok) return normalisation;
  return accept({
    point,
    width: config.d_in,
    features: config.d_sae,
    activation,
    normalisation: normalisation.value,
    subtractDecoderBias: config.apply_b_dec_to_input,
    model: metadata?.model_name ?? config.model_name ?? null,
  });
}

function findUnsupported(config: Fields): string | null {
  const head = config.metadata?.hook_head_index ?? config.hook_head_index ?? config.hook_point_head_index;
  if (typeof head === 'number') return `one attention head, ${head}`;
  const { reshape_activations: reshape = 'none' } = config;
  if (reshape !== 'none') return `reshape_activations ${reshape}`;
  if (config.finetuning_scaling_factor === true) return 'finetuning_scaling_factor';
  if (config.rescale_acts_by_decoder_norm === true)
    return 'rescale_acts_by_decoder_norm; fold the norms into the weights (fold_W_dec_norm) and save again';
  return null;
}

function nameOfActivation(config: Fields): string {
  return config.activation_fn ?? config.activation_fn_str ?? 'relu';
}

function activationOf(config: Fields): SaeConfig['activation'] | null {
  const { architecture = 'standard' } = config;
  const name = nameOfActivation(config);
  if (architecture === 'topk' || (architecture === 'standard' && name === 'topk')) {
    const k = config.k ?? config.activation_fn_kwargs?.k;
    return k === undefined ? null : { kind: 'top-k', k };
  }
  if (name !== 'relu') return null;
  if (architecture === 'jumprelu') return { kind: 'jump-relu' };
  return architecture === 'standard' ? { kind: 'relu' } : null;
}

function normalisationOf(
  { normalize_activations: name }: Fields,
  scale: number | null,
): Result<Autoencoder['normalisation'], SaeConfigRefusal> {
  switch (name) {
    case undefined:
    case null:
    case false:
    case 'none':
      return accept({ kind: 'none' });
    case true:
    case 'expected_average_only_in':
      if (scale !== null) return accept({ kind: 'expected-average-only-in', scale });
      return refuse(
        'sae-activation-scale-missing',
        'activations were scaled by a factor that the directory does not have',
      );
    case 'constant_norm_rescale':
      return accept({ kind: 'constant-norm-rescale' });
    case 'layer_norm':
      return accept({ kind: 'layer-norm', epsilon: LAYER_NORM_EPSILON });
    default:
      return refuse('sae-unsupported', `normalize_activations ${name}`);
  }
}
