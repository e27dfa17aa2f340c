import { fromUtf8 } from '../base/bytes.ts';

/** Null unless the bytes are UTF-8 without control characters other than the line feed. spec 12-feeds §2.1 */
export function decodeNoteText(bytes: Uint8Array): string | null {
  try {
    const text = fromUtf8(bytes);
    return isNoteText(text) ? text : null;
  } catch {
    return null; // not UTF-8
  }
}

/** spec 12-feeds §2.1 */
export function isNoteText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x0a) return false;
  }
  return text.isWellFormed();
}
