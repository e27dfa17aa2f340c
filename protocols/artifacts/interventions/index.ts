export { affineCompanion } from './affine-companion.ts';
export type { Autoencoder } from './autoencoders.ts';
export type { ActivationEditManifest, EditManifest, WeightEditManifest } from './edits.ts';
export { FORMULAS } from './formulas.ts';
export { INTERVENTION_FILE, type Intervention, interventionSchema, parseIntervention } from './manifest.ts';
export type { Mapper } from './mappers.ts';
export { type Positions, positionsSchema } from './positions.ts';
export type { ReadManifest } from './reads.ts';
export { mapSources, sharedTokenSources, sourceCheckpoints, tensorRefs } from './references.ts';
export { type InterventionRefusal, resolveIntervention } from './resolve.ts';
export { type PlacedMap, resolveMaps } from './resolve-maps.ts';
export { loadParts } from './resolve-vector.ts';
export type {
  ActivationEdit,
  ContrastAdd,
  CrosscoderInput,
  LinearShape as TargetLinear,
  LowRankEdit,
  Operation,
  Orthogonalisation,
  Read,
  ReadSource,
  ResolvedIntervention,
  SaeFeature,
  Target,
  Values,
  VectorMap,
  WeightEdit,
} from './resolved.ts';
export type { TensorRef } from './tensor-ref.ts';
export { Tensors } from './tensors.ts';
export { norm } from './vector-arithmetic.ts';
export type { FixedVector } from './vectors.ts';
