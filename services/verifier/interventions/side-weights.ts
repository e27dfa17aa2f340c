import type { LowRankEdit } from '../../../protocols/artifacts/index.ts';
import type { SidePath, SidePaths } from '../engine/feeds.ts';

/** One weight's change, W + up down: down [rank, inputs], up [outputs, rank]. */
export interface LowRank {
  readonly rank: number;
  readonly down: Float32Array;
  readonly up: Float32Array;
}
export type LowRankEdits = ReadonlyMap<string, LowRank>;

/** Edits of one weight become one of their ranks' sum, since their changes add up. Rounded to float32 once. */
export function mergeWeightEdits(edits: readonly LowRankEdit[]): LowRankEdits {
  const byWeight = Map.groupBy(edits, ({ weight }) => weight);
  return new Map([...byWeight].map(([weight, parts]) => [weight, merge(parts)]));
}

function merge(parts: readonly LowRankEdit[]): LowRank {
  const rank = parts.reduce((sum, part) => sum + part.rank, 0);
  const [first] = parts;
  if (first === undefined) throw new TypeError('a weight without an edit');
  const inputs = first.a.length / first.rank;
  const outputs = first.b.length / first.rank;
  const down = new Float32Array(rank * inputs);
  const up = new Float32Array(outputs * rank);
  let at = 0;
  for (const { rank: own, a, b } of parts) {
    down.set(a, at * inputs);
    for (let out = 0; out < outputs; out++) up.set(b.subarray(out * own, (out + 1) * own), out * rank + at);
    at += own;
  }
  return { rank, down, up };
}

/**
 * The side paths of a batch whose rows have these edits. Rows that all share one are fed once; otherwise each row has
 * its own, padded with zeros to the largest rank.
 */
export function sidePaths(rows: readonly (LowRankEdits | null)[]): SidePaths {
  const [first] = rows;
  if (first === undefined || rows.every((row) => row === null)) return new Map();
  if (first !== null && rows.every((row) => row === first)) return first;
  const names = new Set(rows.flatMap((row) => (row === null ? [] : [...row.keys()])));
  return new Map([...names].map((name) => [name, stack(rows.map((row) => row?.get(name) ?? null))]));
}

function stack(rows: readonly (LowRank | null)[]): SidePath {
  const some = rows.find((row) => row !== null);
  if (some === undefined || some === null) throw new TypeError('a side path that no row has');
  const rank = Math.max(...rows.map((row) => row?.rank ?? 0));
  const inputs = some.down.length / some.rank;
  const outputs = some.up.length / some.rank;
  const down = new Float32Array(rows.length * rank * inputs);
  const up = new Float32Array(rows.length * outputs * rank);
  for (const [index, row] of rows.entries()) {
    if (row === null) continue;
    down.set(row.down, index * rank * inputs);
    for (let out = 0; out < outputs; out++)
      up.set(row.up.subarray(out * row.rank, (out + 1) * row.rank), (index * outputs + out) * rank);
  }
  return { rank, down, up };
}
