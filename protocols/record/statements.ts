import type { MemberKey } from '../base/ids.ts';
import type { Kind } from '../kinds/index.ts';
import type { Kept, KeptOf } from './kept.ts';
import { inOrder } from './order.ts';
import type { StatementEntry, WithheldEntry } from './record.ts';

/** Kinds that speak about releases, and that the record keeps whole. spec 08-record §3.11 */
export const STATEMENT_KINDS = [
  'inspection/1',
  'security-evaluation/1',
  'compliance-report/1',
  'determination/1',
  'notice-of-non-compliance/1',
  'penalty/1',
  'withdrawal/1',
  'extension/1',
  'audit-attestation/1',
  'guidance/1',
  'information-request/1',
  'reply/1',
  'cure/1',
  'advisory/1',
  'supersession/1',
  'disclosure/1',
] as const satisfies readonly Kind[];
export type StatementKind = (typeof STATEMENT_KINDS)[number];

const KINDS: ReadonlySet<string> = new Set(STATEMENT_KINDS);

function isStatement(kept: Kept): kept is Kept & KeptOf<StatementKind> {
  return KINDS.has(kept.kind);
}

/** Of the counted messages, those that speak about releases. */
export function statementEntries(
  counted: readonly Kept[],
  established: (message: { readonly author: MemberKey; readonly sequence: number }) => number | null,
  withheldIn: (message: Kept) => readonly WithheldEntry[],
): StatementEntry[] {
  const statements = inOrder(counted.filter(isStatement));
  return statements.map((each) => {
    const { id, author, kind, body } = each;
    const withheld = withheldIn(each);
    return {
      id,
      author,
      established: established(each),
      kind,
      body,
      ...(withheld.length === 0 ? {} : { withheld }),
    } as StatementEntry;
  });
}
