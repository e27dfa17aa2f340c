import type { MemberKey } from '../base/ids.ts';
import { memberKey } from '../identity/did-key.ts';

/** `author` as a key, then 32 bytes. */
const FIELD = Uint8Array.of(0x66, 0x61, 0x75, 0x74, 0x68, 0x6f, 0x72, 0x58, 0x20);
const KEY_BYTES = 32;
/** What follows the author in a message with no fields but its own: numbers, two CIDs and the signature. */
const TAIL_BYTES = 320;

/**
 * Who a message says it is by, without reading it: a claim, good for putting it into a line and for nothing else.
 * Null where it is not found at a glance.
 */
export function claimedAuthor(wire: Uint8Array): MemberKey | null {
  const end = Math.max(0, wire.length - TAIL_BYTES);
  for (let at = wire.length - FIELD.length - KEY_BYTES; at >= end; at -= 1) {
    if (!FIELD.every((byte, i) => wire[at + i] === byte)) continue;
    const start = at + FIELD.length;
    return memberKey(wire.slice(start, start + KEY_BYTES));
  }
  return null;
}
