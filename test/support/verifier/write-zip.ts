import { crc32 } from 'node:zlib';
import { concatBytes, utf8 } from '../../../protocols/base/bytes.ts';

/** A ZIP file of these entries, stored as they are. */
export function writeZip(entries: readonly (readonly [name: string, data: Uint8Array])[]): Uint8Array {
  const locals: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = 0;
  for (const [name, data] of entries) {
    const title = utf8(name);
    const sizes = [crc32(data), data.length, data.length] as const;
    const local = concatBytes(
      fields([4, 0x04034b50], [2, 0], [2, 0], [2, 0], [4, 0], ...sizes.map((n) => [4, n] as const)),
      fields([2, title.length], [2, 0]),
      title,
      data,
    );
    locals.push(local);
    central.push(
      fields([4, 0x02014b50], [4, 0], [2, 0], [2, 0], [4, 0], ...sizes.map((n) => [4, n] as const)),
      fields([2, title.length], [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, at]),
      title,
    );
    at += local.length;
  }
  const size = central.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = fields([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, at], [2, 0]);
  return concatBytes(...locals, ...central, end);
}

/** Little-endian numbers of 2 or 4 bytes. */
function fields(...numbers: readonly (readonly [bytes: 2 | 4, value: number])[]): Uint8Array {
  const out = new Uint8Array(numbers.reduce((sum, [bytes]) => sum + bytes, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [bytes, value] of numbers) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return out;
}
