import { z } from 'zod';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';

export type AdapterRefusal = 'adapter-config-invalid' | 'adapter-unsupported' | 'adapter-rank-mismatch';

/** Fields that say nothing of what the saved tensors do to the weights. */
const INERT: ReadonlySet<string> = new Set([
  'task_type',
  'auto_mapping',
  'peft_version',
  'base_model_name_or_path',
  'revision',
  'inference_mode',
  // which modules have tensors is seen in the tensors
  'target_modules',
  'exclude_modules',
  'layers_to_transform',
  'layers_pattern',
  'lora_dropout',
  // how the base stores its weight; an edit means the map
  'fan_in_fan_out',
  'runtime_config',
  // each of use only with a field that is refused or with an initialisation
  'megatron_core',
  'qalora_group_size',
  'eva_config',
]);

const pattern = z.record(z.string(), z.number().positive()).nullish();
const adapterConfig = z.looseObject({
  peft_type: z.string(),
  r: z.int().min(1).max(1024),
  lora_alpha: z.number().positive().max(1e6),
  use_rslora: z.boolean().default(false),
  rank_pattern: pattern,
  alpha_pattern: pattern,
  init_lora_weights: z.union([z.boolean(), z.string()]).default(true),
});
const READ: ReadonlySet<string> = new Set(Object.keys(adapterConfig.shape));

/** Ways to begin that leave the base as it is. The others (PiSSA, OLoRA, CorDA, LoftQ…) move a part of it into the adapter. */
const INITIALISATIONS: ReadonlySet<unknown> = new Set([true, false, 'gaussian', 'eva', 'orthogonal']);

/** What scales the adapter of one module. */
export interface AdapterConfig {
  readonly scale: 'alpha/rank' | 'alpha/sqrt(rank)';
  /** By the module's path in the model. */
  readonly rankOf: (path: string) => number;
  readonly alphaOf: (path: string) => number;
}

/** `adapter_config.json` of a LoRA that PEFT saved; every field that would change the outcome and is not read is refused by name. */
export function parseAdapterConfig(json: unknown): Result<AdapterConfig, AdapterRefusal> {
  const parsed = adapterConfig.safeParse(json);
  if (!parsed.success) return refuse('adapter-config-invalid', z.prettifyError(parsed.error));
  const config = parsed.data;
  if (config.peft_type !== 'LORA') return refuse('adapter-unsupported', `peft_type ${config.peft_type}`);
  if (!INITIALISATIONS.has(config.init_lora_weights))
    return refuse('adapter-unsupported', `init_lora_weights ${config.init_lora_weights} changes the base`);
  for (const [field, value] of Object.entries(config))
    if (!INERT.has(field) && !READ.has(field) && !isOff(value))
      return refuse('adapter-unsupported', `${field} ${JSON.stringify(value)?.slice(0, 100)}`);
  const ranks = parsePatterns(config.rank_pattern ?? {});
  const alphas = parsePatterns(config.alpha_pattern ?? {});
  if (ranks === null || alphas === null)
    return refuse(
      'adapter-unsupported',
      'a rank_pattern or alpha_pattern that is more than the end of a name',
    );
  return accept({
    scale: config.use_rslora ? 'alpha/sqrt(rank)' : 'alpha/rank',
    rankOf: (path) => ranks.find(({ matches }) => matches(path))?.value ?? config.r,
    alphaOf: (path) => alphas.find(({ matches }) => matches(path))?.value ?? config.lora_alpha,
  });
}

function isOff(value: unknown): boolean {
  if (value === null || value === false || value === 'none') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

interface Pattern {
  readonly matches: (path: string) => boolean;
  readonly value: number;
}

/**
 * PEFT takes each key as a regular expression for the end of a module's path, from a dot on. Here only plain names are
 * keys, with or without `^` for the whole path: no pattern of a stranger is run.
 */
function parsePatterns(record: Readonly<Record<string, number>>): readonly Pattern[] | null {
  const out: Pattern[] = [];
  for (const [key, value] of Object.entries(record)) {
    const name = key.replace(/^\^/, '').replaceAll('\\.', '.');
    if (!/^[\w-]+(?:\.[\w-]+)*$/.test(name)) return null;
    const whole = key.startsWith('^');
    out.push({ value, matches: (path) => path === name || (!whole && path.endsWith(`.${name}`)) });
  }
  return out;
}
