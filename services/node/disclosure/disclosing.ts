import { randomBytes } from 'node:crypto';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import {
  type FieldContext,
  type Opening,
  SALT_BYTES,
  type SealingDraw,
  sealCopy,
  type Withheldness,
  type Withholding,
  withhold,
} from '../../../protocols/disclosure/index.ts';
import { publicKeys } from '../../../protocols/identity/derive.ts';
import { checkBody, type SealedCopy } from '../../../protocols/kinds/index.ts';
import { readHome } from '../home.ts';
import { keepOpening } from './kept-openings.ts';

export interface WithholdPlan extends Pick<Withholding, 'reason' | 'retainedUntil'> {
  readonly kind: string;
  /** JSON Pointers into the notice. */
  readonly fields: readonly string[];
  /** Sealing keys, as the charter names them. */
  readonly readers: readonly string[];
}

/**
 * The notice with its fields withheld. Salts and values are in the home before anyone has the notice.
 * @throws OversightError `argument-invalid` for a field that is not there, or that the kind does not let withhold
 */
export async function withholdFields(
  home: string,
  notice: PlainObject,
  { kind, fields, readers, ...why }: WithholdPlan,
): Promise<{ readonly body: PlainObject; readonly withheld: readonly Withheldness[] }> {
  const { charter, seed } = await readHome(home);
  const author = publicKeys(seed).signing as MemberKey;
  const withheld: Withheldness[] = [];
  let body = notice;
  for (const field of fields) {
    const done = withhold(
      { federation: charter.id, author, kind, body },
      { ...why, field, salt: draw(SALT_BYTES), readers: readers.map((to) => ({ to, ...drawSealing() })) },
    );
    if (!done.ok)
      throw new OversightError('argument-invalid', done.detail, { details: { reason: done.reason } });
    withheld.push(done.value);
    body = done.value.body;
  }
  // what the notice lacks still, such as the checkpoint that `publish` adds, is no fault of the withholding
  const problem = checkBody(kind, body);
  if (problem !== null && problem !== checkBody(kind, notice))
    throw new OversightError('argument-invalid', `${kind} cannot be without that: ${problem}`);
  for (const { context, commitment, opening } of withheld)
    await keepOpening(home, { context, commitment, retainedUntil: why.retainedUntil, ...opening });
  return { body, withheld };
}

/** @throws OversightError `argument-invalid` for a reader to whose key nothing can be sealed, or a value too large */
export function sealAgain(context: FieldContext, opening: Opening, readers: readonly string[]): SealedCopy[] {
  return readers.map((to) => {
    const copy = sealCopy(to, context, opening, drawSealing());
    if (copy.ok) return copy.value;
    throw new OversightError('argument-invalid', copy.detail, { details: { reason: copy.reason } });
  });
}

function drawSealing(): SealingDraw {
  return { ephemeralSecret: draw(32), nonce: draw(24) };
}

/** Bytes of a plain array: the cipher takes no other. */
function draw(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
