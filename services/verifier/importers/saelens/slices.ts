import type { TensorEntry } from '../../../../protocols/artifacts/index.ts';
import type { NewTensor } from '../draft.ts';
import { readPieces, tensorOfFile } from '../file-tensor.ts';

/** Row `row` of a tensor [rows, …], as [1, …]. */
export function rowOfFile(name: string, path: string, entry: TensorEntry, row: number): NewTensor | null {
  const [rows = 1, ...rest] = entry.shape;
  const byteLength = entry.byteLength / rows;
  const part = { ...entry, shape: [1, ...rest], fileOffset: entry.fileOffset + row * byteLength, byteLength };
  return tensorOfFile(name, path, part);
}

/** Column `column` of a matrix [rows, columns], as [rows, 1]. The matrix is read through, never held. */
export function columnOfFile(
  name: string,
  path: string,
  entry: TensorEntry,
  column: number,
): NewTensor | null {
  const whole = tensorOfFile(name, path, entry);
  const [rows = 1, columns = 1] = entry.shape;
  const rowBytes = entry.byteLength / rows;
  const size = rowBytes / columns;
  const read = () =>
    pick(readPieces(path, entry.fileOffset, entry.byteLength), rowBytes, column * size, size);
  return whole === null ? null : { ...whole, shape: [rows, 1], read };
}

/** Of every `period` bytes those from `begin` on, `length` of them. */
async function* pick(
  pieces: AsyncIterable<Uint8Array>,
  period: number,
  begin: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of pieces) {
    const end = at + piece.length;
    // the first wanted byte that is not before this piece
    for (let row = Math.floor(at / period); row * period + begin < end; row++) {
      const from = Math.max(row * period + begin, at);
      const to = Math.min(row * period + begin + length, end);
      if (from < to) yield piece.slice(from - at, to - at);
    }
    at = end;
  }
}
