import { z } from 'zod';
import { accept, type Result, refuse } from '../../base/result.ts';
import { extent, layerCount } from './fields.ts';

const LAYER_TYPES = ['full_attention', 'sliding_attention'] as const;

export const windowFields = z.object({
  num_hidden_layers: layerCount,
  use_sliding_window: z.boolean().default(false),
  sliding_window: extent.nullish(),
  max_window_layers: z.int().min(0).max(1024).default(28),
  layer_types: z.array(z.enum(LAYER_TYPES)).nullish(),
});

/**
 * Window of each layer from `layer_types`, or, in configs older than that field, from `slides`.
 * @param window what a sliding layer sees; null where the config switches windows off
 */
export function layerWindows(
  fields: { readonly num_hidden_layers: number; readonly layer_types?: readonly string[] | null | undefined },
  window: number | null,
  slides: (layer: number) => boolean,
): Result<readonly (number | null)[], 'config-invalid'> {
  const { num_hidden_layers: layers, layer_types: types } = fields;
  if (types && types.length !== layers)
    return refuse('config-invalid', `${types.length} layer_types for ${layers} layers`);
  const sliding = Array.from({ length: layers }, (_, layer) =>
    types ? types[layer] === 'sliding_attention' : window !== null && slides(layer),
  );
  if (window === null && sliding.includes(true))
    return refuse('config-invalid', 'a layer slides, but there is no sliding_window');
  return accept(sliding.map((slid) => (slid ? window : null)));
}

/** The rule of Qwen2 and Qwen3: layers from `max_window_layers` on, and only with `use_sliding_window`. */
export function qwenWindows(
  json: Readonly<Record<string, unknown>>,
): Result<readonly (number | null)[], 'config-invalid'> {
  const parsed = windowFields.safeParse(json);
  if (!parsed.success) return refuse('config-invalid', z.prettifyError(parsed.error));
  const fields = parsed.data;
  const window = fields.use_sliding_window ? (fields.sliding_window ?? null) : null;
  return layerWindows(fields, window, (layer) => layer >= fields.max_window_layers);
}
