import { z } from 'zod';
import { memberKeyText } from './common.ts';

/** Canonical base64 (RFC 4648 §4): the unused bits of the last character are zero. */
const HASH_TEXT = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const SIGNATURE_TEXT = /^[A-Za-z0-9+/]{85}[AQgw]==$/;

/** 32 bytes in base64. */
export const rootText = z.string().regex(HASH_TEXT);
/** 64 bytes in base64. */
export const signatureText = z.string().regex(SIGNATURE_TEXT);
/** Leaves of a feed: its messages. */
export const feedSize = z.int().min(1);

const cosignatureEntry = z.looseObject({
  feed: memberKeyText,
  size: feedSize,
  root: rootText,
  /** The feed's own signature of this head. */
  head: signatureText,
  witness: memberKeyText,
  /** Seconds since 1970, by the witness's clock. */
  time: z.int().min(0).max(8_640_000_000_000),
  signature: signatureText,
});
export type CosignatureEntry = z.infer<typeof cosignatureEntry>;

/** `cosignatures/1`: heads that a witness has cosigned. spec 08-record §6 */
export const cosignaturesBody = z.looseObject({ entries: z.array(cosignatureEntry).min(1).max(128) });
export type CosignaturesBody = z.infer<typeof cosignaturesBody>;
