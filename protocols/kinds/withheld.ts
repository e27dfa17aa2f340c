import { z } from 'zod';
import { calendarDate, didKeyText, digestText } from './common.ts';
import { rootText } from './cosignatures.ts';

/** Why a field is withheld: what the laws in force accept. spec 18-oversight §3.2 */
export const WITHHELD_REASONS = [
  'trade-secret',
  'cybersecurity',
  'public-safety',
  'national-security',
  'personal-data',
  'legal-duty',
] as const;

/** What a sealed copy is padded to, so that its length tells little. Bytes. spec 20-disclosure §2.2 */
export const SEALED_SIZES = [512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768] as const;
/** Of the authenticator in front of a box. */
const BOX_TAG_BYTES = 16;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
const BOX_CHARS: ReadonlySet<number> = new Set(
  SEALED_SIZES.map((bytes) => 4 * Math.ceil((bytes + BOX_TAG_BYTES) / 3)),
);

/** A copy that one key opens (NaCl crypto_box); bytes in base64. spec 20-disclosure §2 */
const sealedCopy = z.looseObject({
  /** Sealing key of the reader, as in the charter. */
  to: didKeyText('x25519'),
  /** X25519 key of this copy alone. */
  ephemeral: rootText,
  /** 24 bytes. */
  nonce: z.string().regex(/^[A-Za-z0-9+/]{32}$/),
  box: z
    .string()
    .regex(BASE64)
    .refine((text) => BOX_CHARS.has(text.length), 'a box of one of the padded sizes'),
});
export type SealedCopy = z.infer<typeof sealedCopy>;
export const sealedCopies = z.array(sealedCopy).max(16);

/** Stands in the place of what it withholds. Other fields are kept. */
export const withheld = z.looseObject({
  withheld: z.looseObject({
    reason: z.enum(WITHHELD_REASONS),
    /** Until then the author keeps what stood here. */
    retainedUntil: calendarDate,
    /** Binds the author to what stood here without telling it. spec 20-disclosure §1 */
    commitment: digestText.optional(),
    sealed: sealedCopies.optional(),
  }),
});
export type Withheld = z.infer<typeof withheld>;
export const orWithheld = <T extends z.ZodType>(field: T) => z.union([withheld, field]);

export function isWithheld(value: unknown): value is Withheld {
  return withheld.safeParse(value).success;
}
