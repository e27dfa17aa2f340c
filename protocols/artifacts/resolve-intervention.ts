import { accept, type Result, refuse } from '../base/result.ts';
import { type Intervention, type Positions, parseSite, type Site, type TensorRef } from './intervention.ts';

export type InterventionRefusal =
  | 'layer-out-of-range'
  | 'tensor-missing'
  | 'width-mismatch'
  | 'not-finite'
  | 'direction-zero';

/** An edit with its numbers, checked against a model of this width and depth. */
export interface ResolvedIntervention {
  readonly site: Site;
  readonly positions: Positions;
  readonly edit: Edit;
}
/** `vector` and `mean` are [d_model]. */
export type Edit =
  | { readonly kind: 'add'; readonly coefficient: number; readonly vector: Float32Array }
  | { readonly kind: 'clamp'; readonly vector: Float32Array; readonly mean: Float32Array };

/** A tensor as numbers, row-major. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Puts the tensors a manifest names into its edit, through the mapper where it has one.
 * Widths: vector and mean [d_source], weight [d_model, d_source], bias [d_model]; without a mapper d_source = d_model.
 * spec 10-artifacts §7.
 */
export function resolveIntervention(
  manifest: Intervention,
  tensorOf: (ref: TensorRef) => Values | undefined,
  model: { readonly layers: number; readonly width: number },
): Result<ResolvedIntervention, InterventionRefusal> {
  const site = parseSite(manifest.site);
  if (site.layer >= model.layers)
    return refuse('layer-out-of-range', `${manifest.site}, but the model has ${model.layers} blocks`);
  const mapper = loadMapper(manifest, tensorOf, model.width);
  if (!mapper.ok) return mapper;
  const { operation, positions } = manifest;
  const width = mapper.value?.sourceWidth ?? model.width;
  const vector = load(operation.vector, tensorOf, [width]);
  if (!vector.ok) return vector;
  const mapped = mapper.value ? mapper.value.mapVector(vector.value) : vector.value;
  if (!mapped.every(Number.isFinite)) return refuse('not-finite', 'the mapped vector');
  if (operation.kind === 'add')
    return accept({
      site,
      positions,
      edit: { kind: 'add', coefficient: operation.coefficient, vector: mapped },
    });
  const mean = load(operation.mean, tensorOf, [width]);
  if (!mean.ok) return mean;
  const mappedMean = mapper.value ? mapper.value.mapPoint(mean.value) : mean.value;
  if (!mappedMean.every(Number.isFinite)) return refuse('not-finite', 'the mapped mean');
  if (norm(mapped) === 0) return refuse('direction-zero', 'a clamp needs a direction');
  return accept({ site, positions, edit: { kind: 'clamp', vector: mapped, mean: mappedMean } });
}

/** Euclidean length, summed in float64. */
export function norm(vector: Float32Array): number {
  let sum = 0;
  for (const x of vector) sum += x * x;
  return Math.sqrt(sum);
}

interface LoadedMapper {
  readonly sourceWidth: number;
  mapVector(vector: Float32Array): Float32Array;
  mapPoint(point: Float32Array): Float32Array;
}

function loadMapper(
  manifest: Intervention,
  tensorOf: (ref: TensorRef) => Values | undefined,
  width: number,
): Result<LoadedMapper | undefined, InterventionRefusal> {
  if (manifest.mapper === undefined) return accept(undefined);
  const sourceWidth = tensorOf(manifest.mapper.weight)?.shape[1];
  if (sourceWidth === undefined) return refuse('tensor-missing', manifest.mapper.weight.tensor);
  const weight = load(manifest.mapper.weight, tensorOf, [width, sourceWidth]);
  if (!weight.ok) return weight;
  const bias = load(manifest.mapper.bias, tensorOf, [width]);
  if (!bias.ok) return bias;
  return accept({
    sourceWidth,
    mapVector: (vector) => multiply(weight.value, vector, null),
    mapPoint: (point) => multiply(weight.value, point, bias.value),
  });
}

/** weight [out, in] times x [in] (plus bias [out]), each sum in float64. */
function multiply(weight: Float32Array, x: Float32Array, bias: Float32Array | null): Float32Array {
  const out = new Float32Array(weight.length / x.length);
  for (let row = 0; row < out.length; row++) {
    let sum = bias?.[row] ?? 0;
    for (let i = 0; i < x.length; i++) sum += (weight[row * x.length + i] as number) * (x[i] as number);
    out[row] = sum;
  }
  return out;
}

function load(
  ref: TensorRef,
  tensorOf: (ref: TensorRef) => Values | undefined,
  shape: readonly number[],
): Result<Float32Array, InterventionRefusal> {
  const tensor = tensorOf(ref);
  const name = `${ref.file}: ${ref.tensor}`;
  if (tensor === undefined) return refuse('tensor-missing', name);
  if (tensor.shape.length !== shape.length || tensor.shape.some((extent, i) => extent !== shape[i]))
    return refuse('width-mismatch', `${name} is [${tensor.shape}], the model needs [${shape}]`);
  if (!tensor.data.every(Number.isFinite)) return refuse('not-finite', name);
  return accept(tensor.data);
}
