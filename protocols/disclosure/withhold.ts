import type { FederationId, MemberKey } from '../base/ids.ts';
import type { PlainObject } from '../base/plain.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import type { SealedCopy, Withheld } from '../kinds/index.ts';
import { commitmentOf, type FieldContext, type Opening } from './commitment.ts';
import { valueAt, withValueAt } from './field-path.ts';
import { type SealingDraw, type SealRefusal, sealCopy } from './sealed-copy.ts';
import { withheldFields } from './withheld-fields.ts';

/** A message as it will be signed. */
export interface Draft {
  readonly federation: FederationId;
  readonly author: MemberKey;
  readonly kind: string;
  readonly body: PlainObject;
}

export interface Withholding extends Pick<Withheld['withheld'], 'reason' | 'retainedUntil'> {
  /** JSON Pointer into the body. */
  readonly field: string;
  readonly salt: Uint8Array;
  /** Whom it is sealed to, each with a draw of its own. */
  readonly readers: readonly (SealingDraw & { readonly to: string })[];
}

export interface Withheldness {
  /** The body without the value. */
  readonly body: PlainObject;
  readonly commitment: string;
  readonly context: FieldContext;
  /** For the author to keep. */
  readonly opening: Opening;
}

export type WithholdRefusal = 'field-absent' | 'field-withheld' | SealRefusal;

/** The body with a commitment and sealed copies in the place of a value. spec 20-disclosure §1 */
export function withhold(
  { body, ...author }: Draft,
  { field, reason, retainedUntil, salt, readers }: Withholding,
): Result<Withheldness, WithholdRefusal> {
  const value = valueAt(body, field);
  if (value === undefined) return refuse('field-absent', `the body has no ${field}`);
  if (withheldFields(value).length > 0) return refuse('field-withheld', `${field} is withheld already`);
  const context = { ...author, field };
  const opening = { salt, value };
  const commitment = commitmentOf(context, opening);
  const sealed: SealedCopy[] = [];
  for (const { to, ...draw } of readers) {
    const copy = sealCopy(to, context, opening, draw);
    if (!copy.ok) return copy;
    sealed.push(copy.value);
  }
  const shown = { reason, retainedUntil, commitment, ...(sealed.length === 0 ? {} : { sealed }) };
  return accept({
    body: withValueAt(body, field, { withheld: shown as PlainObject }),
    commitment,
    context,
    opening,
  });
}
