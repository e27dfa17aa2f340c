import { fromUtf8 } from '../../../protocols/base/bytes.ts';

/** The bytes end before what is read. */
export class CursorEnd {
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
}

/** Reads values one after the other, little-endian but where a name says otherwise. Each throws `CursorEnd` past the last byte. */
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

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Where the next `length` bytes begin, which are passed over. */
  skip(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new CursorEnd(at);
    this.#at += length;
    return at;
  }

  take(length: number): Uint8Array {
    const at = this.skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  byte(): number {
    return this.#view.getUint8(this.skip(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  bigEndianFloat64(): number {
    return this.#view.getFloat64(this.skip(8), false);
  }

  /** An unsigned number of 64 bits; null above the limit. */
  count(limit: number): number | null {
    const value = this.#view.getBigUint64(this.skip(8), true);
    return value > BigInt(limit) ? null : Number(value);
  }

  /** Null where it is not UTF-8. */
  text(length: number): string | null {
    try {
      return fromUtf8(this.take(length));
    } catch (error) {
      if (error instanceof CursorEnd) throw error;
      return null;
    }
  }

  /** Text to the next line feed, which is passed over; null where it is too long or not UTF-8. */
  line(limitBytes: number): string | null {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new CursorEnd(this.#at);
    if (end - this.#at > limitBytes) return null;
    const text = this.text(end - this.#at);
    this.skip(1);
    return text;
  }
}
