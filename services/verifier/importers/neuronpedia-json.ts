import { z } from 'zod';
import { FORMULAS, type PointName, type Positions, parsePoint } from '../../../protocols/artifacts/index.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { type Draft, heldTensor, type ImportRefusal, refTo } from './draft.ts';
import { pointOfHook } from './point-of-hook.ts';

export type NeuronpediaRefusal = 'neuronpedia-invalid' | 'neuronpedia-method-unsupported';

/** What Neuronpedia takes. */
const WIDTH_LIMIT = 24_576;

const numbers = z.array(z.number().min(-3.4e38).max(3.4e38)).max(WIDTH_LIMIT);
const word = z.string().max(300);
const strength = z.number().min(-1e6).max(1e6);

/** A feature or vector as its API gives it, as it takes it, or one entry of a steering request. */
const entry = z.looseObject({
  modelId: word.optional(),
  layer: word.optional(),
  index: z.union([word, z.number()]).optional(),
  vectorLabel: word.nullish(),
  vector: numbers.optional(),
  steering_vector: numbers.optional(),
  hookName: word.nullish(),
  hook: word.optional(),
  layerNumber: z.int().min(0).max(9_999).optional(),
  hookType: word.optional(),
  strength: strength.optional(),
  vectorDefaultSteerStrength: strength.nullish(),
  steer_method: word.optional(),
  strength_multiplier: z.number().optional(),
  normalize_steering: z.boolean().optional(),
});
type Entry = z.infer<typeof entry>;

export interface SteeringChoice {
  /** Null: as the file says. */
  readonly strength: number | null;
  readonly positions: Positions;
}

/**
 * A vector of Neuronpedia, added at its hook: the method it calls SIMPLE_ADDITIVE.
 * Source: hijohnnylin/neuronpedia, inference schemas `NPSteerVector`, table `Neuron`.
 */
export function draftSteering(json: unknown, choice: SteeringChoice): Result<Draft, ImportRefusal> {
  const parsed = entry.safeParse(json);
  if (!parsed.success) return refuse('neuronpedia-invalid', z.prettifyError(parsed.error));
  const feature = parsed.data;
  const method = unsupportedMethod(feature);
  if (method !== null) return refuse('neuronpedia-method-unsupported', method);
  const vector = feature.vector ?? feature.steering_vector ?? [];
  if (vector.length === 0) return refuse('neuronpedia-invalid', 'a feature without its vector');
  const point = pointOf(feature);
  if (!point.ok) return point;
  const coefficient = choice.strength ?? feature.strength ?? feature.vectorDefaultSteerStrength ?? null;
  if (coefficient === null) return refuse('strength-missing', 'the file has no strength; say which');
  return accept({
    edits: [
      {
        kind: 'add',
        formula: FORMULAS.add,
        at: point.value,
        positions: choice.positions,
        coefficient,
        vector: { kind: 'stored', tensor: refTo('vector') },
        norm: 'as-stored',
        restoreNorm: false,
      },
    ],
    tensors: [heldTensor('vector', [vector.length], Float32Array.from(vector))],
    method: `vector of Neuronpedia ${feature.vectorLabel ?? 'without a label'}`.trim(),
    point: point.value,
    selection:
      [feature.modelId, feature.layer, feature.index].filter((each) => each !== undefined).join(' ') ||
      'the only one',
  });
}

function unsupportedMethod(feature: Entry): string | null {
  const { steer_method: method = 'SIMPLE_ADDITIVE', strength_multiplier: multiplier = 1 } = feature;
  if (method !== 'SIMPLE_ADDITIVE') return method;
  if (multiplier !== 1) return `strength_multiplier ${multiplier}; give the product as the strength`;
  return feature.normalize_steering === true ? 'normalize_steering' : null;
}

/** `hookName` or `hook`, else layer and kind of hook. */
function pointOf({ hookName, hook, layerNumber, hookType }: Entry): Result<PointName, ImportRefusal> {
  // "hook_resid_pre" and "resid-pre" are both in use
  const kind = hookType?.replace(/^(?:hook_)?/, 'hook_').replaceAll('-', '_');
  const name = hookName ?? hook ?? (layerNumber === undefined ? '' : `blocks.${layerNumber}.${kind}`);
  const point = pointOfHook(name) ?? parsePoint(name)?.name;
  return point === undefined ? refuse('hook-unsupported', name || 'the file names no hook') : accept(point);
}
