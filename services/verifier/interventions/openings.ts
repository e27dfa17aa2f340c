import type { Operation, Point, ReadSource } from '../../../protocols/artifacts/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import type { Openings } from '../engine/model.ts';
import type { RealisedIntervention } from './realise.ts';

/** Where an intervention reads or changes a model; `source` null is the target itself. */
export function openingsOf(intervention: RealisedIntervention, source: ContentId | null): Openings {
  const points = [
    ...intervention.edits.flatMap(({ point, operation }) => [
      ...(source === null ? [point] : []),
      ...pointsOfOperation(operation, source),
    ]),
    ...intervention.reads.flatMap((read) => pointsOfRead(read.source, source)),
  ];
  const sides = source === null ? [...new Set(intervention.weights.map(({ weight }) => weight))] : [];
  return { points: [...new Set(points.map(({ name }) => name))], sides };
}

/** Points whose activations an operation takes from a model. */
function pointsOfOperation(operation: Operation, source: ContentId | null): readonly Point[] {
  if (operation.kind === 'displace') return pointsOfOperation(operation.of, source);
  if (operation.kind !== 'add-contrast' && operation.kind !== 'replace-from-model') return [];
  return operation.source === source ? [operation.point] : [];
}

function pointsOfRead(read: ReadSource, source: ContentId | null): readonly Point[] {
  if (read.kind !== 'crosscoder-feature') return source === null ? [read.point] : [];
  return read.models.filter((model) => model.source === source).map(({ point }) => point);
}
