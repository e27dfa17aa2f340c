/**
 * Buffers in shared memory that are used again. A new one for each leaf keeps the collector busy: a third of a fetch's
 * time, measured.
 */
export class SpareBuffers {
  readonly #lengthBytes: number;
  readonly #limit: number;
  readonly #spare: Buffer[] = [];

  /** @param limit spare ones that are kept */
  constructor(lengthBytes: number, limit: number) {
    this.#lengthBytes = lengthBytes;
    this.#limit = limit;
  }

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.from(new SharedArrayBuffer(this.#lengthBytes));
  }

  /** Only of a buffer that nobody reads or writes any more. */
  give(buffer: Buffer): void {
    if (this.#spare.length < this.#limit) this.#spare.push(buffer);
  }
}
