import { z } from 'zod';
import { accept, type Result, refuse } from '../../base/result.ts';
import type { Rope, RopeScaling } from '../rope.ts';
import type { ModelConfigRefusal } from './family.ts';
import { extent } from './fields.ts';

const theta = z.number().min(1).max(1e12);
const factor = z.number().min(1).max(1e4);
const fraction = z.number().positive().max(1);
const factors = z.array(z.number().positive().max(1e6)).max(2048);

/** `rope_scaling`, or `rope_parameters` since Transformers 5; `type` is the old name of `rope_type`. */
const scalingFields = z.looseObject({
  rope_type: z.string().max(64).optional(),
  type: z.string().max(64).optional(),
  rope_theta: theta.nullish(),
  partial_rotary_factor: fraction.nullish(),
  factor: factor.nullish(),
  low_freq_factor: factor.nullish(),
  high_freq_factor: factor.nullish(),
  original_max_position_embeddings: extent.nullish(),
  short_factor: factors.nullish(),
  long_factor: factors.nullish(),
  attention_factor: z.number().positive().max(1e3).nullish(),
});
type ScalingFields = z.infer<typeof scalingFields>;

/** Fields of config.json that say how positions are rotated, at its top level. */
export const ropeFields = {
  rope_theta: theta.nullish(),
  rope_scaling: scalingFields.nullish(),
  rope_parameters: scalingFields.nullish(),
  partial_rotary_factor: fraction.nullish(),
  original_max_position_embeddings: extent.nullish(),
};
const ropeConfig = z.object(ropeFields);

/** What a family takes where its config is silent. */
export interface RopeDefaults {
  readonly theta: number;
  /** Part of each head that is rotated. */
  readonly fraction: number;
}

export interface ReadRope {
  readonly rope: Rope;
  readonly maxPositions: number;
}

const KINDS = ['default', 'linear', 'llama3', 'longrope'] as const;
/** Names that `longrope` had before. */
const LONGROPE_NAMES: ReadonlySet<string> = new Set(['longrope', 'su']);

/** Reads the rotary embedding of heads of `headDim` in a context of `maxPositions`. */
export function readRope(
  config: z.infer<typeof ropeConfig>,
  headDim: number,
  maxPositions: number,
  defaults: RopeDefaults,
): Result<ReadRope, ModelConfigRefusal> {
  const fields = config.rope_parameters ?? config.rope_scaling ?? {};
  const name = fields.rope_type ?? fields.type ?? 'default';
  const kind = LONGROPE_NAMES.has(name) ? 'longrope' : name;
  if (!(KINDS as readonly string[]).includes(kind))
    return refuse(
      'model-unsupported',
      `rope scaling '${name}' is not supported; supported: ${KINDS.join(', ')}`,
    );
  const stranger = Object.keys(fields).find((field) => !Object.hasOwn(scalingFields.shape, field));
  if (stranger !== undefined)
    return refuse('model-unsupported', `rope scaling field '${stranger.slice(0, 64)}' is not supported`);
  const part = fields.partial_rotary_factor ?? config.partial_rotary_factor ?? defaults.fraction;
  const dimensions = Math.floor(headDim * part);
  if (dimensions < 2 || dimensions % 2 !== 0)
    return refuse('config-invalid', `${dimensions} of ${headDim} dimensions cannot be rotated in pairs`);
  const theta = fields.rope_theta ?? config.rope_theta ?? defaults.theta;
  const original = config.original_max_position_embeddings ?? fields.original_max_position_embeddings ?? null;
  const scaling = readScaling(kind, fields, original, dimensions, maxPositions);
  if (scaling === 'incomplete')
    return refuse('config-invalid', 'the rope scaling lacks a factor or contradicts itself');
  // Beyond its original context LongRoPE changes every angle, those of cached keys included; not compiled.
  const limit = scaling?.kind === 'longrope' ? Math.min(maxPositions, original as number) : maxPositions;
  return accept({ rope: { theta, dimensions, scaling }, maxPositions: limit });
}

function readScaling(
  kind: string,
  fields: ScalingFields,
  original: number | null,
  dimensions: number,
  maxPositions: number,
): RopeScaling | null | 'incomplete' {
  if (kind === 'default') return null;
  if (kind === 'longrope') return readLongRope(fields, original, dimensions, maxPositions);
  const { factor: by } = fields;
  if (by === null || by === undefined) return 'incomplete';
  if (kind === 'linear') return { kind, factor: by };
  const { low_freq_factor: low, high_freq_factor: high } = fields;
  if (typeof low !== 'number' || typeof high !== 'number' || original === null || high <= low)
    return 'incomplete';
  return {
    kind: 'llama3',
    factor: by,
    lowFrequencyFactor: low,
    highFrequencyFactor: high,
    originalPositions: original,
  };
}

function readLongRope(
  fields: ScalingFields,
  original: number | null,
  dimensions: number,
  maxPositions: number,
): RopeScaling | 'incomplete' {
  const short = fields.short_factor;
  if (original === null || original < 2 || !Array.isArray(short) || short.length !== dimensions / 2)
    return 'incomplete';
  const by = fields.factor ?? maxPositions / original;
  const stretched = by <= 1 ? 1 : Math.sqrt(1 + Math.log(by) / Math.log(original));
  return { kind: 'longrope', shortFactors: short, magnitude: fields.attention_factor ?? stretched };
}
