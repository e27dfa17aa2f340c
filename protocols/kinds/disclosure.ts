import { z } from 'zod';
import type { Plain } from '../base/plain.ts';
import { digestText, messageId } from './common.ts';
import { sealedCopies } from './withheld.ts';

/** Where a field stands in a body: a JSON Pointer (RFC 6901), never that of the whole body. */
export const fieldPath = z
  .string()
  .regex(/^(?:\/(?:[^~/]|~[01])*)+$/)
  .max(512);

/** To all: the salt of the commitment, 32 bytes, and what stood there. */
const revealed = z.looseObject({
  field: fieldPath,
  salt: digestText,
  value: z.custom<Plain>((value) => value !== undefined, 'what stood in the field'),
});
/** To more readers: copies beside those of the message. */
const sealedTo = z.looseObject({ field: fieldPath, sealed: sealedCopies.min(1) });

/** `disclosure/1`: an author opens fields that it withheld in an earlier message. spec 20-disclosure §3 */
export const disclosureBody = z.looseObject({
  message: messageId,
  fields: z
    .array(z.union([revealed, sealedTo]))
    .min(1)
    .max(64),
});
export type DisclosureBody = z.infer<typeof disclosureBody>;
export type RevealedField = z.infer<typeof revealed>;

export function isRevealed(field: DisclosureBody['fields'][number]): field is RevealedField {
  return revealed.safeParse(field).success;
}
