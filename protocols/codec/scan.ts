import { DOCUMENT_DEPTH_LIMIT, DOCUMENT_ENTRIES_LIMIT } from '../base/limits.ts';

export type ScanRefusal = 'too-deep' | 'too-many-entries' | 'truncated' | 'not-dag-cbor';

/**
 * Walks CBOR without building anything or recursing, so that hostile nesting costs neither stack nor heap.
 * spec 03-codec §3. Returns the refusal, or null when the shape is within the limits.
 */
export function scanShape(bytes: Uint8Array): ScanRefusal | null {
  const open: number[] = []; // items still due in each enclosing list or map
  let at = 0;
  for (;;) {
    while (open.length > 0 && open[open.length - 1] === 0) open.pop();
    if (open.length === 0 && at > 0) return at === bytes.length ? null : 'not-dag-cbor';
    if (open.length > 0) (open[open.length - 1] as number) -= 1;

    const head = bytes[at++];
    if (head === undefined) return 'truncated';
    const major = head >> 5;
    const info = head & 31;
    if (info > 27) return 'not-dag-cbor'; // indefinite lengths and reserved heads
    const width = info < 24 ? 0 : 1 << (info - 24);
    if (at + width > bytes.length) return 'truncated';
    let argument = info < 24 ? info : 0;
    for (let i = 0; i < width; i++) argument = argument * 256 + (bytes[at + i] as number);
    at += width;

    if (major === 2 || major === 3) {
      if (argument > bytes.length - at) return 'truncated';
      at += argument;
    } else if (major === 4 || major === 5) {
      if (argument > DOCUMENT_ENTRIES_LIMIT) return 'too-many-entries';
      if (open.length >= DOCUMENT_DEPTH_LIMIT) return 'too-deep';
      open.push(major === 4 ? argument : 2 * argument);
    } else if (major === 6) {
      // a link: tag 42 over a byte string and nothing else, so that tags cannot nest
      if (argument !== 42 || (bytes[at] ?? 0x40) >> 5 !== 2) return 'not-dag-cbor';
      open.push(1);
    }
  }
}
