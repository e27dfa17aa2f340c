import type { LowRankEdit } from '../../../protocols/artifacts/index.ts';

/** One weight's change, W + up down: down [rank, inputs], up [outputs, rank]. A side path that all rows share. */
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
