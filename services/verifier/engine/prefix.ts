import { type BatchState, pickState, type Row, type TreatedRows } from '../interventions/treated-rows.ts';

/**
 * Runs the first `length` tokens of each row's prompt, before its last token. Rows of one prompt that nothing changes
 * or reads there run as one, unedited, and share what comes of it; the others run as they are.
 */
export async function runPrefix(
  treated: TreatedRows,
  rows: readonly Row[],
  length: number,
): Promise<BatchState> {
  if (length === 0) return treated.begin(rows.length);
  const batch: { readonly prompt: readonly number[]; readonly row: number | null }[] = [];
  const shared = new Map<readonly number[], number>();
  const places = rows.map(({ prompt }, index) => {
    const alike = treated.sharesPrefix(index);
    const known = alike ? shared.get(prompt) : undefined;
    if (known !== undefined) return known;
    if (alike) shared.set(prompt, batch.length);
    return batch.push({ prompt, row: alike ? null : index }) - 1;
  });
  const { state } = await treated.step(
    batch.map(({ prompt }) => prompt.slice(0, length)),
    batch.map(({ row }) => row),
    treated.begin(batch.length),
  );
  return pickState(state, places);
}
