import type { MessageId } from '../base/ids.ts';
import type { WithheldEntry } from '../record/index.ts';
import type { Dossier } from './dossiers.ts';
import { openedAt } from './opened.ts';

/** One field of a message about a model that shows as withheld: why, and who can open it. spec 18-oversight §3.2 */
export interface WithheldRow extends Omit<WithheldEntry, 'opened'> {
  readonly message: MessageId;
  readonly kind: string;
  /** The disclosure that had opened it to all by the date; null: none. */
  readonly openedBy: MessageId | null;
}

/** Everything that is withheld of a model on a date: in its releases, then in what is said about it. */
export function withheldOf({ frontier, analogs, statements }: Dossier, at: number): WithheldRow[] {
  const messages = [
    { ...frontier, kind: 'frontier-release/1' },
    ...analogs.map((analog) => ({ ...analog, kind: 'analog-release/1' })),
    ...statements,
  ];
  return messages
    .filter(({ established }) => established === null || established <= at)
    .flatMap((message) =>
      (message.withheld ?? []).map(({ opened, ...entry }) => ({
        ...entry,
        message: message.id,
        kind: message.kind,
        openedBy: openedAt(message, entry.field, at) === undefined ? null : (opened?.id ?? null),
      })),
    );
}
