import type { PointName } from '../../../protocols/artifacts/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import type { Activations } from '../engine/model.ts';
import type { Selection } from './positions.ts';
import type { GivenActivation } from './treatment.ts';

/** Activations of the models that run beside the target in one step, by point. */
export type Beside = ReadonlyMap<ContentId, ReadonlyMap<PointName, Activations>>;

/** Those of a step's positions that are selected, with their place among all that are. */
export function* selected(
  selection: Selection,
  promptLength: number,
  { start, time }: { readonly start: number; readonly time: number },
): Generator<{ readonly t: number; readonly position: number; readonly ordinal: number }> {
  const last = selection.prompt.at(-1) ?? -1;
  for (const [ordinal, position] of last < start ? [] : selection.prompt.entries())
    if (position >= start && position < start + time) yield { t: position - start, position, ordinal };
  if (!selection.generated) return;
  for (let position = Math.max(start, promptLength); position < start + time; position++)
    yield { t: position - start, position, ordinal: selection.prompt.length + position - promptLength };
}

/** Whether any position of a step is selected. */
export function selectsAny(
  selection: Selection,
  promptLength: number,
  step: { readonly start: number; readonly time: number },
): boolean {
  return selected(selection, promptLength, step).next().done !== true;
}

/** [width] of a row of the batch; rows that are alike have it in common. */
export function activationAt({ data, of, time, width }: Activations, row: number, t: number): Float32Array {
  const offset = ((of[row] as number) * time + t) * width;
  return data.subarray(offset, offset + width);
}

/** What another model has at a token of the batch, carried to the target. */
export function givenAt(
  { source, point, map }: GivenActivation,
  beside: Beside,
  row: number,
  t: number,
): Float64Array {
  const seen = beside.get(source)?.get(point);
  if (seen === undefined) throw new TypeError('a source that does not run beside the target');
  const h = Float64Array.from(activationAt(seen, row, t));
  return map === null ? h : map.mapPoint(h);
}
