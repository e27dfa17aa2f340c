import type { BatchState, Row, TreatedRows } from '../interventions/treated-rows.ts';

/** Runs the first `length` tokens of each row's prompt; those that all prompts begin with come first, by themselves. */
export async function runPrefix(
  treated: TreatedRows,
  rows: readonly Row[],
  length: number,
): Promise<BatchState> {
  const all = [...rows.keys()];
  let state = treated.begin(rows.length);
  const common = Math.min(length, commonLength(rows.map(({ prompt }) => prompt)));
  const stops = common < MINIMUM_COMMON || common === length ? [length] : [common, length];
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

/** Fewer tokens in common cost more as a step of their own than they save (README.md). */
const MINIMUM_COMMON = 8;

/** Tokens that all begin with. */
function commonLength(prompts: readonly (readonly number[])[]): number {
  const [first = [], ...others] = prompts;
  const differing = first.findIndex((token, at) => others.some((other) => other[at] !== token));
  return differing === -1 ? first.length : differing;
}
