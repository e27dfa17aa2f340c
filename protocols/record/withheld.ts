import { fromHex } from '../base/bytes.ts';
import type { FederationId, MemberKey, MessageId } from '../base/ids.ts';
import type { Plain, PlainObject } from '../base/plain.ts';
import { openWithheld, withheldFields, withValueAt } from '../disclosure/index.ts';
import { checkBody, isRevealed, type SealedCopy } from '../kinds/index.ts';
import type { Kept, KeptOf } from './kept.ts';
import type { OpenedField, WithheldEntry } from './record.ts';

export interface DisclosureSource {
  readonly federation: FederationId;
  /** Counted ones, in the order of the record. */
  readonly disclosures: readonly KeptOf<'disclosure/1'>[];
  /** The member behind a key. */
  nameOf(key: MemberKey): string | undefined;
  establishedOf(message: Pick<Kept, 'author' | 'sequence'>): number | null;
}

/** A message whose fields may be withheld. */
type Withholding = Pick<Kept, 'id' | 'author' | 'kind'> & { readonly body: unknown };

/** @returns what is withheld in a message, and what its author has opened since. spec 08-record §3.12 */
export function withheldReader(source: DisclosureSource): (message: Withholding) => WithheldEntry[] {
  const byMessage = new Map<MessageId, KeptOf<'disclosure/1'>[]>();
  for (const disclosure of source.disclosures) {
    const { message } = disclosure.body;
    byMessage.set(message, [...(byMessage.get(message) ?? []), disclosure]);
  }
  return (message) => {
    const fields = withheldFields(message.body);
    if (fields.length === 0) return [];
    // spec 20-disclosure §3.1: by the author alone, by whichever of its keys
    const own = (byMessage.get(message.id) ?? []).filter(
      ({ author }) => source.nameOf(author) === source.nameOf(message.author),
    );
    return fields.map(({ field, withheld }) => ({
      field,
      reason: withheld.reason,
      retainedUntil: withheld.retainedUntil,
      commitment: withheld.commitment ?? null,
      sealedTo: readersOf([...(withheld.sealed ?? []), ...sealedLater(own, field)]),
      opened: firstOpening(source, message, field, own),
    }));
  };
}

function sealedLater(disclosures: readonly KeptOf<'disclosure/1'>[], field: string): SealedCopy[] {
  const said = disclosures.flatMap(({ body }) => body.fields);
  return said.flatMap((each) => (each.field === field && !isRevealed(each) ? each.sealed : []));
}

function readersOf(copies: readonly SealedCopy[]): string[] {
  return [...new Set(copies.map(({ to }) => to))].sort();
}

/** Of several that open, the first to be established; of equals the first of the record. */
function firstOpening(
  source: DisclosureSource,
  message: Withholding,
  field: string,
  disclosures: readonly KeptOf<'disclosure/1'>[],
): OpenedField | null {
  const openings = disclosures.flatMap((disclosure) => {
    const value = openedBy(source.federation, message, field, disclosure);
    if (value === undefined) return [];
    return [{ id: disclosure.id, established: source.establishedOf(disclosure), value }];
  });
  const timeOf = ({ established }: OpenedField) => established ?? Number.MAX_SAFE_INTEGER;
  return openings.sort((a, b) => timeOf(a) - timeOf(b))[0] ?? null;
}

/** Undefined where the disclosure does not open the field. */
function openedBy(
  federation: FederationId,
  { author, kind, body }: Withholding,
  field: string,
  disclosure: KeptOf<'disclosure/1'>,
): Plain | undefined {
  const message = { federation, author, kind, body: body as PlainObject };
  for (const each of disclosure.body.fields) {
    if (each.field !== field || !isRevealed(each)) continue;
    // spec 20-disclosure §3.2
    const opened = openWithheld(message, field, { salt: fromHex(each.salt), value: each.value });
    // spec 20-disclosure §3.3
    if (opened.ok && checkBody(kind, withValueAt(message.body, field, opened.value)) === null)
      return opened.value;
  }
  return undefined;
}
