import type { BatchState, Row, TreatedRows } from '../interventions/treated-rows.ts';

/** Runs the first `length` tokens of each row's prompt; those that all prompts begin with come first, by themselves. */
export async function runPrefix(
  treated: TreatedRows,
  rows: readonly Row[],
  length: number,
): Promise<BatchState> {
  const all = [...rows.keys()];
  let state = treated.begin(rows.length);
  const prompts = new Set(rows.map(({ prompt }) => prompt));
  const common = Math.min(length, commonLength([...prompts]));
  const saved = common * (prompts.size - 1);
  const stops = saved < MINIMUM_SAVED || common === length ? [length] : [common, length];
  for (const stop of stops) {
    const { length: start } = state.target;
    if (stop === start) continue;
    const step = await treated.step(
      rows.map(({ prompt }) => prompt.slice(start, stop)),
      all,
      state,
    );
    state = step.state;
  }
  return state;
}

/** Tokens. To save fewer, a step of its own costs more than it brings: each step reads all the weights once. */
const MINIMUM_SAVED = 64;

/** Tokens that all begin with. */
function commonLength(prompts: readonly (readonly number[])[]): number {
  const [first = [], ...others] = prompts;
  const differing = first.findIndex((token, at) => others.some((other) => other[at] !== token));
  return differing === -1 ? first.length : differing;
}
