import { fromUtf8 } from '../../../../protocols/base/bytes.ts';

/** The bytes end before what is read. */
export class CursorEnd {
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
}

/** Reads little-endian values one after the other. Each throws `CursorEnd` past the last byte. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get at(): number {
    return this.#at;
  }

  skip(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new CursorEnd(at);
    this.#at += length;
    return at;
  }

  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** An unsigned number of 64 bits; null above the limit. */
  count(limit: number): number | null {
    const value = this.#view.getBigUint64(this.skip(8), true);
    return value > BigInt(limit) ? null : Number(value);
  }

  /** Text behind its length; null where it is too long or not UTF-8. */
  text(limitBytes: number): string | null {
    const length = this.count(limitBytes);
    if (length === null) return null;
    const at = this.skip(length);
    try {
      return fromUtf8(this.#bytes.subarray(at, at + length));
    } catch {
      return null;
    }
  }
}
