import { type Result, refuse } from '../base/result.ts';
import type { DecoderWeights, ModelConfig } from './decoder.ts';
import { FAMILIES, type Family, type ModelConfigRefusal } from './families/index.ts';

/** Families the engine compiles, by `model_type` of config.json. */
export type ModelType = keyof typeof FAMILIES;
export const SUPPORTED_MODEL_TYPES = Object.keys(FAMILIES) as readonly ModelType[];

/** Reads a parsed config.json. spec 10-artifacts §5. */
export function parseModelConfig(json: unknown): Result<ModelConfig, ModelConfigRefusal> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return refuse('config-invalid', 'not an object');
  const fields = json as Record<string, unknown>;
  const type = fields.model_type;
  if (typeof type !== 'string') return refuse('config-invalid', 'no model_type');
  if (!isSupported(type))
    return refuse(
      'model-unsupported',
      `model_type '${type.slice(0, 64)}' is not supported; supported: ${SUPPORTED_MODEL_TYPES.join(', ')}`,
    );
  const family: Family = FAMILIES[type];
  const obstacle = unsupported(fields, family);
  return obstacle === null ? family.read(fields) : refuse('model-unsupported', obstacle);
}

/** Where a checkpoint of this family keeps its weights. `has`: whether it holds a tensor of that name. */
export function decoderWeights(config: ModelConfig, has: (tensor: string) => boolean): DecoderWeights {
  return FAMILIES[config.modelType].weights(config, has);
}

function isSupported(type: string): type is ModelType {
  return Object.hasOwn(FAMILIES, type);
}

/** Why the engine cannot run this model faithfully, or null. Guessing past any of these would give wrong numbers in silence. */
function unsupported(config: Readonly<Record<string, unknown>>, family: Family): string | null {
  if ((config.quantization_config ?? null) !== null) return 'quantised checkpoints are not supported';
  if ((config.is_encoder_decoder ?? false) !== false) return 'encoder-decoders are not supported';
  const { architectures } = config;
  if (Array.isArray(architectures)) {
    const other = architectures.find((name) => !family.architectures.includes(name));
    if (other !== undefined)
      return `architecture '${String(other).slice(0, 64)}' is not supported; supported: ${family.architectures.join(', ')}`;
  }
  for (const [field, value] of Object.entries(family.only))
    if ((config[field] ?? value) !== value)
      return `${field} ${JSON.stringify(config[field]).slice(0, 64)} is not supported; supported: ${JSON.stringify(value)}`;
  return null;
}
