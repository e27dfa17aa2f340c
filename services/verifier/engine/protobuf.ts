import { concatBytes, utf8 } from '../../../protocols/base/bytes.ts';

/** Wire types of protocol buffers (encoding guide, "Message Structure"). */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Unsigned varint. @throws TypeError beyond 2^53, where a number stops being exact. */
export function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${value} is not a varint`);
  const out: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
  return Uint8Array.from(out);
}

export function intField(field: number, value: number): Uint8Array {
  return concatBytes(varint(field * 8 + VARINT), varint(value));
}

export function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return concatBytes(varint(field * 8 + LENGTH_DELIMITED), varint(bytes.length), bytes);
}

export function textField(field: number, text: string): Uint8Array {
  return bytesField(field, utf8(text));
}

export function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concatBytes(varint(field * 8 + FIXED32), bytes);
}

/** An integer that may be negative, as int64: two's complement over ten bytes. */
export function signedField(field: number, value: number): Uint8Array {
  if (value >= 0) return intField(field, value);
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return concatBytes(varint(field * 8 + VARINT), Uint8Array.from(out));
}
