import { type Point, type PointName, parsePoint } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';

/**
 * A model is a chain of stages: 0 the embedding, 1 + 2i the attention of block i, 2 + 2i its MLP, 1 + 2 * layers the
 * unembedding. A cut lies after `done` stages; where it is `open`, the output of the last of them has not been added to
 * the residual stream yet.
 */
export interface Cut {
  readonly done: number;
  readonly open: boolean;
}

/** Stages [from.done, to.done), compiled to one graph. */
export interface StageRange {
  readonly from: Cut;
  readonly to: Cut;
  /** Points at the end of the range, in the order in which their hooks are called. */
  readonly points: readonly PointName[];
}

/** A session takes longer to make than its graph is longer: 24 blocks in one take 1.8 times what they take in three. */
const BLOCKS_PER_GRAPH = 8;

export const EMBED = 0;
export const attentionStage = (layer: number): number => 1 + 2 * layer;
export const mlpStage = (layer: number): number => 2 + 2 * layer;
export const unembedStage = (layers: number): number => 1 + 2 * layers;

/** Whether a stage belongs to a range. */
export function holds(range: StageRange, stage: number): boolean {
  return range.from.done <= stage && stage < range.to.done;
}

/** Blocks whose attention, and so whose key and value cache, belongs to a range. */
export function attentionLayers(range: StageRange, layers: number): readonly number[] {
  return Array.from({ length: layers }, (_, layer) => layer).filter((layer) =>
    holds(range, attentionStage(layer)),
  );
}

/**
 * The chain with a boundary at every point, and at others where too many blocks lie between two.
 * @throws OversightError `intervention-invalid` for a point the grammar or the model does not have.
 */
export function cutChain(layers: number, points: readonly PointName[]): readonly StageRange[] {
  const at = new Map<string, { readonly cut: Cut; readonly points: Point[] }>();
  for (const name of new Set(points)) {
    const point = checkedPoint(name, layers);
    const cut = cutOf(point);
    const key = `${cut.done} ${cut.open}`;
    const seen = at.get(key);
    if (seen === undefined) at.set(key, { cut, points: [point] });
    else seen.points.push(point);
  }
  const inner = [...at.values()].sort((a, b) => order(a.cut) - order(b.cut));
  const ranges: StageRange[] = [];
  let from: Cut = { done: EMBED, open: false };
  for (const { cut, points: here } of inner) {
    // One stream, two names: the end of a block comes before the begin of the next.
    const names = here.sort((a, b) => a.layer - b.layer).map((point) => point.name);
    ranges.push(...inParts({ from, to: cut, points: names }, layers));
    from = cut;
  }
  const end: Cut = { done: unembedStage(layers) + 1, open: false };
  return [...ranges, ...inParts({ from, to: end, points: [] }, layers)];
}

/** The range as equal parts of no more than BLOCKS_PER_GRAPH blocks; its points stand after the last. */
function inParts(range: StageRange, layers: number): StageRange[] {
  const within = attentionLayers(range, layers);
  const parts = Math.max(1, Math.ceil(within.length / BLOCKS_PER_GRAPH));
  const out: StageRange[] = [];
  let { from } = range;
  for (let part = 1; part < parts; part++) {
    const next = within[Math.round((part * within.length) / parts)] as number;
    const to: Cut = { done: attentionStage(next), open: false };
    out.push({ from, to, points: [] });
    from = to;
  }
  return [...out, { ...range, from }];
}

function checkedPoint(name: string, layers: number): Point {
  const point = parsePoint(name);
  if (point === null) throw invalid('point-invalid', `'${name.slice(0, 64)}' is not a point`);
  if (point.layer >= layers)
    throw invalid('layer-out-of-range', `${name}, but the model has ${layers} blocks`);
  return point;
}

function cutOf({ layer, place }: Point): Cut {
  switch (place) {
    case 'hook_resid_pre':
      return { done: attentionStage(layer), open: false };
    case 'attn_out':
      return { done: attentionStage(layer) + 1, open: true };
    case 'mlp_out':
      return { done: mlpStage(layer) + 1, open: true };
    case 'hook_resid_post':
      return { done: mlpStage(layer) + 1, open: false };
  }
}

function order({ done, open }: Cut): number {
  return 2 * done + (open ? 0 : 1);
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('intervention-invalid', message, { details: { reason } });
}
