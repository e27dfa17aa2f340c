import type { Dtype } from '../../../protocols/artifacts/dtypes.ts';
import { DTYPE_BYTES, isFloating } from '../../../protocols/artifacts/dtypes.ts';
import type { SafetensorsHeader } from '../../../protocols/artifacts/safetensors.ts';
import { directoryInvalid } from '../failures.ts';
import type { Look } from '../unixfs/file-dag.ts';

/**
 * A word of 32 bits holds one, two or four numbers. Of each, `exponent` keeps the bits that are all ones in NaN and
 * Inf alone; adding `one`, the lowest of them, then carries into the sign bit, `carry`, and no further. So one pass of
 * integer operations over a word tells whether any number in it is not finite. F64 is looked at by its upper words;
 * F8_E4M3 has no Inf, and its NaN has all bits but the sign (OCP 8-bit floating point, 1.0).
 */
const PATTERNS: Partial<Record<Dtype, { exponent: number; one: number; carry: number }>> = {
  F8_E4M3: { exponent: 0x7f7f7f7f, one: 0x01010101, carry: 0x80808080 },
  F8_E5M2: { exponent: 0x7c7c7c7c, one: 0x04040404, carry: 0x80808080 },
  F16: { exponent: 0x7c007c00, one: 0x04000400, carry: 0x80008000 },
  BF16: { exponent: 0x7f807f80, one: 0x00800080, carry: 0x80008000 },
  F32: { exponent: 0x7f800000, one: 0x00800000, carry: 0x80000000 },
  F64: { exponent: 0x7ff00000, one: 0x00100000, carry: 0x80000000 },
};

/** True when every number in `bytes`, whole numbers of `dtype` in the machine's (little-endian) order, is finite. */
export function areFinite(bytes: Uint8Array, dtype: Dtype): boolean {
  const pattern = PATTERNS[dtype];
  if (pattern === undefined) return true;
  const { exponent, one, carry } = pattern;
  const words = asWords(bytes);
  const step = dtype === 'F64' ? 2 : 1;
  let seen = 0;
  for (let i = step - 1; i < words.length; i += step) seen |= ((words[i] as number) & exponent) + one;
  return (seen & carry) === 0;
}

/** The bytes as 32-bit words; copied, and filled up with zeros, where they do not lie on words. */
function asWords(bytes: Uint8Array): Uint32Array {
  if (bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0)
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const copy = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  copy.set(bytes);
  return new Uint32Array(copy.buffer);
}

interface Range {
  readonly name: string;
  readonly dtype: Dtype;
  readonly begin: number;
  readonly end: number;
}

/**
 * Looks for NaN and Inf in the weights of one file, chunk by chunk and in order.
 * @throws OversightError `checkpoint-invalid` with reason `weights-not-finite`, which names the first tensor that has one
 */
export function lookForNonFinite(path: string, header: SafetensorsHeader): Look {
  const ranges: Range[] = [...header.tensors]
    .filter(([, { dtype, byteLength }]) => isFloating(dtype) && byteLength > 0)
    .map(([name, { dtype, fileOffset, byteLength }]) => ({
      name,
      dtype,
      begin: fileOffset,
      end: fileOffset + byteLength,
    }))
    .sort((a, b) => a.begin - b.begin);
  let current = 0;
  /** Bytes of a number that the last chunk cut. */
  let cut: Uint8Array = new Uint8Array();

  const check = (range: Range, bytes: Uint8Array) => {
    if (!areFinite(bytes, range.dtype))
      throw directoryInvalid('weights-not-finite', `${path}: ${range.name} holds a NaN or an infinity`);
  };

  return (chunk, offset) => {
    for (; current < ranges.length; current++) {
      const range = ranges[current] as Range;
      const begin = Math.max(range.begin - offset, 0);
      const end = Math.min(range.end - offset, chunk.length);
      if (begin >= chunk.length) return;
      let here = chunk.subarray(begin, end);
      const size = DTYPE_BYTES[range.dtype];
      if (cut.length > 0) {
        const rest = size - cut.length;
        const number = Buffer.concat([cut, here.subarray(0, rest)]);
        here = here.subarray(rest);
        cut = number.length < size ? number : new Uint8Array();
        if (cut.length > 0) return;
        check(range, number);
      }
      const whole = here.length - (here.length % size);
      check(range, here.subarray(0, whole));
      if (range.end - offset > chunk.length) {
        cut = here.slice(whole);
        return;
      }
    }
  };
}
