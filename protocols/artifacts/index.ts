export { COMPARED_LIMIT, type Comparison, comparisonSchema, type Features } from './comparisons.ts';
export type {
  Activation,
  BlockWeights,
  DecoderWeights,
  LayerAttention,
  Linear,
  MlpWeights,
  ModelConfig,
  Norm,
  Projections,
} from './decoder.ts';
export { DTYPE_BYTES, type Dtype, isDtype, isFloating } from './dtypes.ts';
export {
  type Compared,
  type Environment,
  type Evidence,
  type EvidenceRun,
  environmentSchema,
  evidenceSchema,
  type MapFit,
  type Outcome,
  outcomeSchema,
  type PromptResult,
  type ScoredResult,
} from './evidence.ts';
export type { ModelConfigRefusal } from './families/index.ts';
export { fillCheckpoints } from './fill-checkpoints.ts';
export * from './interventions/index.ts';
export {
  type Measure,
  type MeasureOf,
  measureSchema,
  NORMALISATIONS,
  REFUSAL_LISTS,
  type RefusalListId,
} from './measures.ts';
export {
  decoderWeights,
  type ModelType,
  parseModelConfig,
  SUPPORTED_MODEL_TYPES,
} from './model-config.ts';
export { countParameters } from './parameters.ts';
export { PLACES, type Place, type Point, type PointName, parsePoint, pointName } from './points.ts';
export { type Rope, type RopeScaling, rotaryFrequencies } from './rope.ts';
export {
  elementCount,
  parseSafetensorsHeader,
  readHeaderLength,
  SAFETENSORS_PREFIX_BYTES,
  type SafetensorsHeader,
  type SafetensorsRefusal,
  type TensorEntry,
} from './safetensors.ts';
export {
  PROMPTS_LIMIT,
  type Prompt,
  parsePrompts,
  parseSuite,
  promptSchema,
  SUITE_FILE,
  type Suite,
  suiteSchema,
} from './suite.ts';
export { parseTeacher, type TeacherPosition, type TeacherRow } from './teacher.ts';
