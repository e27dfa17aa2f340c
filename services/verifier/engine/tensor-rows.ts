import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { widen } from './widen.ts';

const BYTES = { F32: 4, F16: 2, BF16: 2 } as const;

/**
 * Some rows of a matrix of a checkpoint as float64, [rows.length, columns]; the rest of it is not read.
 * @throws OversightError `checkpoint-invalid`
 */
export async function readRows(
  { directory, tensors }: Checkpoint,
  name: string,
  rows: readonly number[],
): Promise<{ readonly width: number; readonly data: Float64Array }> {
  const entry = tensors.get(name);
  if (entry === undefined) throw invalid('tensor-missing', name);
  const { dtype, shape, file, fileOffset } = entry;
  const [count, width] = shape;
  if (shape.length !== 2 || count === undefined || width === undefined) throw invalid('shape-invalid', name);
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') throw invalid('dtype-unsupported', name);
  if (rows.some((row) => row >= count)) throw invalid('shape-invalid', `${name} has ${count} rows`);
  const rowBytes = width * BYTES[dtype];
  const data = new Float64Array(rows.length * width);
  await using handle = await open(join(directory, file), 'r');
  for (const [i, row] of rows.entries())
    data.set(widen(await readBytes(handle, fileOffset + row * rowBytes, rowBytes), dtype), i * width);
  return { width, data };
}

async function readBytes(handle: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  if (bytesRead < length) throw invalid('safetensors-truncated', 'the file shrank while it was read');
  return bytes;
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('checkpoint-invalid', message, { details: { reason } });
}
