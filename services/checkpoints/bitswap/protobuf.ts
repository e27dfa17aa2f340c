/** The little of protobuf that Bitswap needs. https://protobuf.dev/programming-guides/encoding/ */

export type Field =
  | { readonly number: number; readonly value: number; readonly bytes: null }
  | { readonly number: number; readonly value: null; readonly bytes: Uint8Array };

/** What is not an encoding; from a peer that is garbage. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;
/** Ten bytes hold 64 bits; what we read fits in seven. */
const VARINT_LIMIT_BYTES = 10;

/** The fields of a message in their order; numbers are cut to 32 bits. @throws ProtobufError */
export function* readFields(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < VARINT_LIMIT_BYTES; i++) {
      const byte = message[at++];
      if (byte === undefined) break;
      if (i < 5) value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value >>> 0;
    }
    throw new ProtobufError('a number without an end');
  };
  const take = (length: number): Uint8Array => {
    if (length > message.length - at) throw new ProtobufError('a field past the end');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const number = key >>> 3;
    const wire = key & 7;
    if (wire === VARINT) yield { number, value: varint(), bytes: null };
    else if (wire === BYTES) yield { number, value: null, bytes: take(varint()) };
    else if (wire === FIXED_64) take(8);
    else if (wire === FIXED_32) take(4);
    else throw new ProtobufError(`wire type ${wire}`);
  }
}

/** Unsigned LEB128. */
export function varintOf(value: number): number[] {
  const out: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) out.push((left % 0x80) | 0x80);
  out.push(left);
  return out;
}

/** The head of a field of bytes; the bytes follow. */
export function bytesHead(number: number, lengthBytes: number): number[] {
  return [(number << 3) | BYTES, ...varintOf(lengthBytes)];
}

export function numberField(number: number, value: number): number[] {
  return [(number << 3) | VARINT, ...varintOf(value)];
}
