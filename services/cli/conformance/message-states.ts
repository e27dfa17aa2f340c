import type { MessageId } from '../../../protocols/base/ids.ts';
import type { RecordFold } from '../../../protocols/record/index.ts';

/** What became of each message, by id; null for one without a status, such as one behind a gap. spec 08-record §4, §6 */
export function messageStates(
  fold: RecordFold,
  messages: readonly { readonly id: MessageId }[],
): Readonly<Record<string, { status: string; reason: string | null; established: number | null } | null>> {
  return Object.fromEntries(
    messages.map(({ id }) => {
      const state = fold.statusOf(id);
      return [id, state && { ...state, established: fold.establishedAt(id) }];
    }),
  );
}
