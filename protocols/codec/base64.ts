import { base64pad } from 'multiformats/bases/base64';

/** RFC 4648 §4, padded: the one form of C2SP texts. */
export function toBase64(bytes: Uint8Array): string {
  return base64pad.baseEncode(bytes);
}

/** Null for all but the one spelling of some bytes. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    const bytes = base64pad.baseDecode(text);
    return base64pad.baseEncode(bytes) === text ? bytes : null;
  } catch {
    return null; // the unused bits are not zero
  }
}
