import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import type { Cursor } from '../cursor.ts';

/** Of a name, which the format limits, and of a value such as a licence. */
const NAME_LIMIT_BYTES = 65_535;
const TEXT_LIMIT_BYTES = 2 ** 20;
const ARRAY_LIMIT = 2 ** 20;

/** Bytes of the scalar types, by their number. */
const SCALAR_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const UINT32 = 4;
const TEXT = 8;
const ARRAY = 9;

/** Entries that are text or a whole number of 32 bits; the others are passed over. */
export type Metadata = ReadonlyMap<string, string | number>;

export function readMetadata(
  cursor: Cursor,
  count: number,
): Result<Metadata, 'gguf-invalid' | 'gguf-name-repeated'> {
  const seen = new Set<string>();
  const out = new Map<string, string | number>();
  for (let i = 0; i < count; i++) {
    const key = readName(cursor);
    if (key === null) return refuse('gguf-invalid', `the name of entry ${i}`);
    if (seen.has(key)) return refuse('gguf-name-repeated', key);
    seen.add(key);
    const type = cursor.uint32();
    if (type === UINT32) out.set(key, cursor.uint32());
    else if (type === TEXT) {
      const text = readText(cursor, TEXT_LIMIT_BYTES);
      if (text === null) return refuse('gguf-invalid', key);
      out.set(key, text);
    } else if (!skipValue(cursor, type)) return refuse('gguf-invalid', key);
  }
  return accept(out);
}

/** Null where it is too long or not UTF-8. */
export function readName(cursor: Cursor): string | null {
  return readText(cursor, NAME_LIMIT_BYTES);
}

/** Text behind its length. */
function readText(cursor: Cursor, limitBytes: number): string | null {
  const length = cursor.count(limitBytes);
  return length === null ? null : cursor.text(length);
}

/** Passes over a scalar or a flat array; false where it is neither. */
function skipValue(cursor: Cursor, type: number): boolean {
  if (type !== ARRAY) return skipScalars(cursor, type, 1);
  const inner = cursor.uint32();
  const count = cursor.count(ARRAY_LIMIT);
  if (count === null) return false;
  if (inner !== TEXT) return skipScalars(cursor, inner, count);
  for (let i = 0; i < count; i++) if (readText(cursor, TEXT_LIMIT_BYTES) === null) return false;
  return true;
}

function skipScalars(cursor: Cursor, type: number, count: number): boolean {
  const bytes = SCALAR_BYTES[type];
  if (bytes === undefined) return false;
  cursor.skip(bytes * count);
  return true;
}
