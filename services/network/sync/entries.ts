import { MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';

/**
 * The entries of a bundle (C2SP tlog-tiles: uint16 length, then the bytes, repeated), as views on it. Null when it is cut
 * short.
 */
export function splitEntries(bytes: Uint8Array): Uint8Array[] | null {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 2 > bytes.length) return null;
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const end = at + 2 + length;
    if (length === 0 || length > MESSAGE_LIMIT_BYTES || end > bytes.length) return null;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
