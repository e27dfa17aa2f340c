import { open } from 'node:fs/promises';
import type { TensorEntry } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { NewTensor } from './draft.ts';

const PIECE_BYTES = 2 ** 20;

/** A tensor of a safetensors file, copied as it is; null for types that the verifier does not read. */
export function tensorOfFile(name: string, path: string, entry: TensorEntry): NewTensor | null {
  const { dtype, shape, fileOffset, byteLength } = entry;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') return null;
  return { name, dtype, shape, read: () => readPieces(path, fileOffset, byteLength) };
}

/** Bytes of a file in pieces. @throws OversightError `intervention-invalid` where it has become shorter. */
export async function* readPieces(path: string, begin: number, length: number): AsyncGenerator<Uint8Array> {
  await using file = await open(path, 'r');
  const end = begin + length;
  for (let at = begin; at < end; ) {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, end - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0)
      throw new OversightError('intervention-invalid', `${path} shrank while it was read`, {
        details: { reason: 'safetensors-truncated' },
      });
    yield piece.subarray(0, bytesRead);
    at += bytesRead;
  }
}
