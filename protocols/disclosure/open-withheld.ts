import type { FederationId, MemberKey } from '../base/ids.ts';
import type { Plain, PlainObject } from '../base/plain.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { isWithheld, type SealedCopy } from '../kinds/index.ts';
import { commitmentOf, type FieldContext, type Opening } from './commitment.ts';
import { valueAt } from './field-path.ts';
import { type CopyRefusal, openCopy } from './sealed-copy.ts';

/** A message that has opened. */
export interface DisclosingMessage {
  readonly federation: FederationId;
  readonly author: MemberKey;
  readonly kind: string;
  readonly body: PlainObject;
}

export type CommitmentRefusal = 'not-committed' | 'commitment-differs';
export type OpenRefusal = CommitmentRefusal | 'no-copy-for-key' | CopyRefusal;

/** Whether an opening is what the author of a message committed to in this field. spec 20-disclosure §3.2 */
export function openWithheld(
  { body, ...author }: DisclosingMessage,
  field: string,
  opening: Opening,
): Result<Plain, CommitmentRefusal> {
  const commitment = committedIn(body, field);
  if (commitment === null) return refuse('not-committed', `${field} is not withheld under a commitment`);
  const context: FieldContext = { ...author, field };
  return commitmentOf(context, opening) === commitment
    ? accept(opening.value)
    : refuse('commitment-differs', `this is not what the author committed to in ${field}`);
}

/**
 * What a reader finds in the copies of a field that are sealed to its key: the first that is what the author committed
 * to. spec 20-disclosure §2.4
 * @param copies of the message, and of later disclosures of its author
 * @param reader the sealing key, and its secret of 32 bytes
 */
export function openSealed(
  message: DisclosingMessage,
  field: string,
  copies: readonly SealedCopy[],
  reader: { readonly to: string; readonly secret: Uint8Array },
): Result<Opening, OpenRefusal> {
  if (committedIn(message.body, field) === null)
    return refuse('not-committed', `${field} is not withheld under a commitment`);
  const context: FieldContext = {
    federation: message.federation,
    author: message.author,
    kind: message.kind,
    field,
  };
  let last: Result<never, OpenRefusal> = refuse(
    'no-copy-for-key',
    `no copy of ${field} is sealed to this key`,
  );
  for (const copy of copies) {
    if (copy.to !== reader.to) continue;
    const opened = openCopy(copy, context, reader.secret);
    const agreed = opened.ok ? openWithheld(message, field, opened.value) : opened;
    if (opened.ok && agreed.ok) return opened;
    if (!agreed.ok) last = agreed;
  }
  return last;
}

/** Null where nothing is withheld, or without a commitment. */
function committedIn(body: PlainObject, field: string): string | null {
  const there = valueAt(body, field);
  return isWithheld(there) ? (there.withheld.commitment ?? null) : null;
}
