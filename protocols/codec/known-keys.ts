/** Keys held at once. Documents of a federation have a few dozen; others push one another out. */
const SLOTS = 512;

/**
 * Keys of maps that were read before. The documents of one kind have the same few, and to make a string of bytes and
 * find it among the engine's property names costs five times as much as to find it here (measured).
 */
export class KnownKeys {
  readonly #slots: (string | undefined)[] = new Array(SLOTS).fill(undefined);

  /** The text of bytes [start, end) that are ASCII; null where it is not known. */
  find(bytes: Uint8Array, start: number, end: number): string | null {
    const known = this.#slots[slotOf(bytes, start, end)];
    if (known === undefined || known.length !== end - start) return null;
    for (let i = 0; i < known.length; i++) if (known.charCodeAt(i) !== bytes[start + i]) return null;
    return known;
  }

  /** @param key text of bytes [start, end) */
  keep(bytes: Uint8Array, start: number, end: number, key: string): void {
    if (key.length === end - start) this.#slots[slotOf(bytes, start, end)] = key;
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = (31 * hash + (bytes[i] as number)) | 0;
  return hash & (SLOTS - 1);
}
