import type { Side } from './side.ts';
import type { Spent, Task } from './tasks.ts';

/** The two sides; null where Python with PyTorch and Transformers is missing. */
export interface Sides {
  readonly ours: Side;
  readonly torch: Side | null;
}

/** CPU milliseconds of both, medians of the rounds. */
export interface Compared {
  readonly oursMs: number;
  /** Median of the rounds' own ratios, theirs over ours; null without the other side. */
  readonly over: number | null;
}

/** A task on both sides by turns, the first round not counted. @throws Error where they choose other tokens */
export async function compare(
  { ours, torch }: Sides,
  task: Task,
  rounds: number,
  theirs: Task = task,
): Promise<Compared> {
  const mine: Spent[] = [];
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const own = await ours.do(task);
    const other = torch === null ? null : await torch.do(theirs);
    if (other !== null) checkSameWork(own, other);
    if (round === 0) continue;
    mine.push(own);
    if (other !== null) ratios.push(other.cpuMs / own.cpuMs);
  }
  return {
    oursMs: median(mine.map(({ cpuMs }) => cpuMs)),
    over: ratios.length === 0 ? null : median(ratios),
  };
}

/** Two of our own tasks by turns: the median of the rounds' ratios, the first over the second. */
export async function compareOwn(ours: Side, first: Task, second: Task, rounds: number): Promise<number> {
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const [a, b] = [await ours.do(first), await ours.do(second)];
    if (round > 0) ratios.push(a.cpuMs / b.cpuMs);
  }
  return median(ratios);
}

/** Random weights give near-ties, which float32 may break either way; a wrong hook would move most choices. */
function checkSameWork(ours: Spent, theirs: Spent): void {
  const same = ours.chosen.filter((token, i) => token === theirs.chosen[i]).length;
  if (theirs.chosen.length !== ours.chosen.length || 2 * same < ours.chosen.length)
    throw new Error(`the two sides chose other tokens: ${ours.chosen} and ${theirs.chosen}`);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
