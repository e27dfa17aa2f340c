/** Wire types of protocol buffers (encoding guide, "Message Structure"). */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const FIRST_BYTES = 64 * 1024;
/** Bytes of one UTF-16 unit, at most. */
const UTF8_UNIT_BYTES = 3;
const encoder = new TextEncoder();

/** Writes fields one after another into one buffer: a graph has tens of thousands. */
export class ProtobufWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #at = 0;

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** An integer, as int64: a negative one is two's complement over ten bytes. */
  int(field: number, value: number): void {
    this.#key(field, VARINT);
    if (value >= 0) this.#varint(value);
    else this.#negative(value);
  }

  float(field: number, value: number): void {
    this.#key(field, FIXED32);
    this.#reserve(4);
    new DataView(this.#bytes.buffer).setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#key(field, LENGTH_DELIMITED);
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  text(field: number, text: string): void {
    this.message(field, () => {
      this.#reserve(UTF8_UNIT_BYTES * text.length);
      this.#at += encoder.encodeInto(text, this.#bytes.subarray(this.#at)).written;
    });
  }

  /** @param write writes the fields of the message, which are then moved to make room for their length */
  message(field: number, write: () => void): void {
    this.#key(field, LENGTH_DELIMITED);
    const start = this.#at;
    write();
    const length = this.#at - start;
    const prefix = varintBytes(length);
    this.#reserve(prefix);
    this.#bytes.copyWithin(start + prefix, start, this.#at);
    this.#at = start;
    this.#varint(length);
    this.#at += length;
  }

  #key(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  /** @throws TypeError beyond 2^53, where a number stops being exact. */
  #varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${value} is not a varint`);
    this.#reserve(varintBytes(value));
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  #negative(value: number): void {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + bytes));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}
