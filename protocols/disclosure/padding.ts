import { SEALED_SIZES } from '../kinds/index.ts';

/** ISO/IEC 7816-4: one byte 0x80, then zeros. */
const MARK = 0x80;

/** To the least of the sizes that holds it. Null: none does. spec 20-disclosure §2.2 */
export function pad(bytes: Uint8Array): Uint8Array | null {
  const size = SEALED_SIZES.find((each) => each > bytes.length);
  if (size === undefined) return null;
  const padded = new Uint8Array(size);
  padded.set(bytes);
  padded[bytes.length] = MARK;
  return padded;
}

/** Null for what `pad` does not make. */
export function unpad(padded: Uint8Array): Uint8Array | null {
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== MARK) return null;
  // of all sizes the least one, so that one opening has one padding
  return SEALED_SIZES.find((each) => each > end) === padded.length ? padded.subarray(0, end) : null;
}
