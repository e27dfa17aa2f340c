import type { ContentId } from '../../base/ids.ts';
import { accept, type Result } from '../../base/result.ts';
import { type Point, type PointName, parsePoint } from '../points.ts';
import { affineCompanion } from './affine-companion.ts';
import type { ActivationEditManifest } from './edits.ts';
import type { Intervention } from './manifest.ts';
import { loadMap } from './maps.ts';
import type { Positions } from './positions.ts';
import type { Target, Values, VectorMap } from './resolved.ts';
import type { TensorRef } from './tensor-ref.ts';
import { type TensorRefusal, Tensors } from './tensors.ts';

/** A map of activations, with the two places between which it maps. */
export interface PlacedMap {
  /** Number of the edit it belongs to. */
  readonly edit: number;
  readonly kind: 'affine' | 'relu-autoencoder';
  readonly source: ContentId;
  readonly sourcePoint: Point;
  readonly point: Point;
  /** Where the edit applies; a contrast's tokens are known in its own prompts only, so there it is the whole prompt. */
  readonly positions: Positions;
  readonly map: VectorMap;
}

/** The maps of activations whose source is at hand, the affine companions of nonlinear ones among them. */
export function resolveMaps(
  manifest: Intervention,
  tensorOf: (ref: TensorRef) => Values | undefined,
  target: Pick<Target, 'layers' | 'width' | 'sources'>,
): Result<readonly PlacedMap[], TensorRefusal> {
  const tensors = new Tensors(tensorOf);
  const companion = affineCompanion(manifest);
  const maps: PlacedMap[] = [];
  for (const { edits, derivation } of companion === null ? [manifest] : [manifest, companion])
    for (const [index, edit] of edits.entries()) {
      if (!('at' in edit && 'mapper' in edit)) continue;
      const { mapper } = edit;
      if (mapper === undefined || mapper.kind === 'unembedding-least-squares') continue;
      const point = edit.at === 'everywhere' ? null : within(edit.at, target.layers);
      const sourcePoint = within(
        pointOfSource(edit) ?? derivation.point,
        target.sources.get(mapper.source)?.layers,
      );
      if (point === null || sourcePoint === null) continue;
      const map = loadMap(mapper, tensors, target.width);
      if (!map.ok) return map;
      const { kind, source } = mapper;
      const positions = edit.positions.kind === 'contrast' ? ({ kind: 'prompt' } as const) : edit.positions;
      maps.push({ edit: index, kind, source, sourcePoint, point, positions, map: map.value });
    }
  return accept(maps.filter((map, at) => maps.findIndex((other) => same(other, map)) === at));
}

/** Where an edit itself says that it reads its source. */
function pointOfSource(edit: ActivationEditManifest): PointName | undefined {
  if (edit.kind === 'add' && edit.vector.kind === 'contrast') return edit.vector.point;
  if (edit.kind === 'replace' && edit.value.kind === 'model') return edit.value.point;
  return undefined;
}

function within(name: PointName | undefined, layers: number | undefined): Point | null {
  const point = name === undefined || layers === undefined ? null : parsePoint(name);
  return point !== null && point.layer < (layers ?? 0) ? point : null;
}

function same(a: PlacedMap, b: PlacedMap): boolean {
  return a.edit === b.edit && a.kind === b.kind;
}
