import { z } from 'zod';
import { DOCUMENT_ENTRIES_LIMIT, MEMBERS_LIMIT } from '../base/limits.ts';
import { former, member, memberName, POLICY_SECTIONS, since } from './charter.ts';
import { documentId, text } from './common.ts';

/** One difference between a charter and the next. A whole document of 1,024 members would not fit a message. */
const charterChange = z.discriminatedUnion('change', [
  z.looseObject({ change: z.literal('name'), name: text(200) }),
  /** Adds the member, or replaces the one of this name. */
  z.looseObject({ change: z.literal('member'), member }),
  z.looseObject({ change: z.literal('remove-member'), name: memberName }),
  /** Adds the entry, or replaces the one of this key. */
  z.looseObject({ change: z.literal('former'), former }),
  z.looseObject({
    change: z.literal('policy'),
    section: z.enum(POLICY_SECTIONS),
    value: z.looseObject({}),
  }),
]);
export type CharterChange = z.infer<typeof charterChange>;

/** `charter-proposal/1`: the next charter, as changes of the one before it. spec 06-charter §6 */
export const charterProposalBody = z.looseObject({
  /** Of the charter that would come. */
  version: z.int().min(1),
  previous: documentId,
  /** CID of the document that the changes give. */
  charter: documentId,
  changes: z.array(charterChange).max(DOCUMENT_ENTRIES_LIMIT),
  /** `since` of every member of the charter that would come, in its order. */
  since: z.array(since).min(1).max(MEMBERS_LIMIT),
  reason: text(4_000),
});
export type CharterProposalBody = z.infer<typeof charterProposalBody>;
