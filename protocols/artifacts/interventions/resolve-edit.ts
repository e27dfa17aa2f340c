import { accept, type Result, refuse } from '../../base/result.ts';
import { PLACES, type Point, type PointName, parsePoint, pointName } from '../points.ts';
import type { ActivationEditManifest } from './edits.ts';
import { type AutoencoderRefusal, loadFeature } from './resolve-autoencoder.ts';
import { mapOf, resolveVector, type VectorRefusal } from './resolve-vector.ts';
import type { ActivationEdit, Direction, Operation, Target } from './resolved.ts';
import { rowOf, type Tensors } from './tensors.ts';
import { fitsFloat32, meanOf, norm, unit } from './vector-arithmetic.ts';

export type EditRefusal = VectorRefusal | AutoencoderRefusal | 'layer-out-of-range' | 'direction-zero';

type Manifest<K extends ActivationEditManifest['kind']> = Extract<ActivationEditManifest, { kind: K }>;

/** The edits one entry of the manifest stands for: one, or one a point for `everywhere`. */
export function resolveEdit(
  edit: ActivationEditManifest,
  index: number,
  tensors: Tensors,
  target: Target,
): Result<readonly ActivationEdit[], EditRefusal> {
  const points = edit.at === 'everywhere' ? accept(everywhere(target.layers)) : onePoint(edit.at, target);
  if (!points.ok) return points;
  const operation = resolveOperation(edit, index, tensors, target);
  if (!operation.ok) return operation;
  const { positions } = edit;
  return accept(points.value.map((point) => ({ point, positions, operation: operation.value })));
}

function onePoint(name: PointName, target: Target): Result<readonly Point[], 'layer-out-of-range'> {
  const point = findPoint(name, target.layers);
  return point.ok ? accept([point.value]) : point;
}

/** The input of every block and the output of every module: with these, nothing along a direction is ever read or written. */
function everywhere(layers: number): readonly Point[] {
  const places = PLACES.filter((place) => place !== 'hook_resid_post');
  return Array.from({ length: layers }, (_, layer) =>
    places.map((place) => ({ name: pointName(layer, place), layer, place })),
  ).flat();
}

export function findPoint(name: PointName, layers: number): Result<Point, 'layer-out-of-range'> {
  const point = parsePoint(name);
  if (point === null) throw new TypeError('a manifest that was not parsed');
  if (point.layer < layers) return accept(point);
  return refuse('layer-out-of-range', `${name}, but the model has ${layers} blocks`);
}

function resolveOperation(
  edit: ActivationEditManifest,
  index: number,
  tensors: Tensors,
  target: Target,
): Result<Operation, EditRefusal> {
  switch (edit.kind) {
    case 'add':
      return resolveAdd(edit, index, tensors, target);
    case 'ablate': {
      const vector = directionOf(edit, index, tensors, target);
      return vector.ok ? accept({ kind: 'ablate', vector: vector.value }) : vector;
    }
    case 'clamp':
      return resolveClamp(edit, index, tensors, target);
    case 'replace':
      return resolveReplace(edit, tensors, target);
    case 'sae-add': {
      const feature = loadFeature(edit.autoencoder, edit.feature, tensors, target.width);
      if (!feature.ok) return feature;
      const undoNormalisation = edit.scale === 'undo-normalisation';
      return accept({ kind: 'sae-add', feature: feature.value, strength: edit.strength, undoNormalisation });
    }
    case 'sae-clamp': {
      const feature = loadFeature(edit.autoencoder, edit.feature, tensors, target.width);
      if (!feature.ok) return feature;
      const undoNormalisation = edit.scale === 'undo-normalisation';
      return accept({ kind: 'sae-clamp', feature: feature.value, value: edit.value, undoNormalisation });
    }
  }
}

function resolveAdd(
  edit: Manifest<'add'>,
  index: number,
  tensors: Tensors,
  target: Target,
): Result<Operation, EditRefusal> {
  const { vector, coefficient, restoreNorm, mapper } = edit;
  if (vector.kind === 'contrast') return resolveContrast(edit, vector, tensors, target);
  const positional =
    vector.kind === 'stored' && mapper === undefined && tensors.shapeOf(vector.tensor)?.length === 2;
  const rows = positional
    ? loadRows(vector.tensor, tensors, target.width)
    : asList(resolveVector({ vector, mapper }, index, tensors, target));
  if (!rows.ok) return rows;
  const scaled = edit.norm === 'unit' ? rows.value.map(unit) : rows.value;
  if (!scaled.every((row) => row !== null)) return refuse('direction-zero', 'a vector of length 0 made unit');
  return accept({ kind: 'add', coefficient, rows: scaled, restoreNorm });
}

function loadRows(
  ref: Parameters<Tensors['load']>[0],
  tensors: Tensors,
  width: number,
): Result<readonly Direction[], EditRefusal> {
  const table = tensors.load(ref, [null, width]);
  if (!table.ok) return table;
  const { data } = table.value;
  return accept(Array.from({ length: data.length / width }, (_, row) => rowOf(data, width, row)));
}

function resolveContrast(
  { coefficient, norm: handling, restoreNorm, mapper }: Manifest<'add'>,
  { plus, minus, model, point: name }: Extract<Manifest<'add'>['vector'], { kind: 'contrast' }>,
  tensors: Tensors,
  target: Target,
): Result<Operation, EditRefusal> {
  const source = model === 'base' ? target : target.sources.get(model);
  if (source === undefined) return refuse('source-missing', model);
  const point = findPoint(name, source.layers);
  if (!point.ok) return point;
  const map = mapOf(mapper, tensors, target.width);
  if (!map.ok) return map;
  if ((map.value?.sourceWidth ?? target.width) !== source.width)
    return refuse('width-mismatch', `the source is ${source.width} wide`);
  return accept({
    kind: 'add-contrast',
    coefficient,
    unit: handling === 'unit',
    restoreNorm,
    plus,
    minus,
    source: model === 'base' ? null : model,
    point: point.value,
    map: map.value,
    width: target.width,
  });
}

function resolveClamp(
  edit: Manifest<'clamp'>,
  index: number,
  tensors: Tensors,
  target: Target,
): Result<Operation, EditRefusal> {
  const vector = directionOf(edit, index, tensors, target);
  if (!vector.ok) return vector;
  const mean = mapPoint(edit.mean, edit.mapper, tensors, target);
  return mean.ok ? accept({ kind: 'clamp', vector: vector.value, mean: mean.value }) : mean;
}

function resolveReplace(
  { value, mapper }: Manifest<'replace'>,
  tensors: Tensors,
  target: Target,
): Result<Operation, EditRefusal> {
  if (value.kind === 'stored') {
    const point = mapPoint(value.tensor, mapper, tensors, target);
    return point.ok ? accept({ kind: 'replace', value: point.value }) : point;
  }
  const source = target.sources.get(value.source);
  if (source === undefined) return refuse('source-missing', value.source);
  const point = findPoint(value.point, source.layers);
  if (!point.ok) return point;
  const map = mapOf(mapper, tensors, target.width);
  if (!map.ok) return map;
  if ((map.value?.sourceWidth ?? target.width) !== source.width)
    return refuse('width-mismatch', `the source is ${source.width} wide`);
  const { width } = target;
  return accept({
    kind: 'replace-from-model',
    source: value.source,
    point: point.value,
    map: map.value,
    width,
  });
}

/** A mean or an activation, carried into the target's space. */
function mapPoint(
  ref: Parameters<Tensors['load']>[0],
  mapper: Manifest<'clamp'>['mapper'],
  tensors: Tensors,
  target: Target,
): Result<Direction, EditRefusal> {
  const map = mapOf(mapper, tensors, target.width);
  if (!map.ok) return map;
  const rows = tensors.rows(ref, map.value?.sourceWidth ?? target.width);
  if (!rows.ok) return rows;
  const mapped = meanOf(rows.value.map((row) => (map.value === null ? row : map.value.mapPoint(row))));
  return fitsFloat32(mapped) ? accept(mapped) : refuse('not-finite', 'the mapped point');
}

/** A vector that something is projected on. */
function directionOf(
  edit: Parameters<typeof resolveVector>[0],
  index: number,
  tensors: Tensors,
  target: Target,
): Result<Direction, EditRefusal> {
  const vector = resolveVector(edit, index, tensors, target);
  if (vector.ok && norm(vector.value) === 0)
    return refuse('direction-zero', `edit ${index} needs a direction`);
  return vector;
}

function asList<T, R>(result: Result<T, R & string>): Result<readonly T[], R & string> {
  return result.ok ? accept([result.value]) : result;
}
