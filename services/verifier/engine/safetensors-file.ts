import { type FileHandle, open } from 'node:fs/promises';
import {
  parseSafetensorsHeader,
  readHeaderLength,
  SAFETENSORS_PREFIX_BYTES,
  type SafetensorsHeader,
  type SafetensorsRefusal,
  type TensorEntry,
  type Values,
} from '../../../protocols/artifacts/index.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { widen } from './widen.ts';

/** Reads and checks the header of a safetensors file; the data stays on disk. */
export async function readSafetensorsHeader(
  path: string,
): Promise<Result<SafetensorsHeader, SafetensorsRefusal>> {
  await using file = await open(path, 'r');
  return await headerOf(file); // awaited before the file is closed
}

async function headerOf(file: FileHandle): Promise<Result<SafetensorsHeader, SafetensorsRefusal>> {
  const { size } = await file.stat();
  const prefix = new Uint8Array(SAFETENSORS_PREFIX_BYTES);
  const read = await file.read(prefix, 0, prefix.length, 0);
  const length = readHeaderLength(prefix.subarray(0, read.bytesRead), size);
  if (!length.ok) return length;
  const header = await readExactly(file, SAFETENSORS_PREFIX_BYTES, length.value);
  if (header === null) return refuse('safetensors-truncated', 'the file shrank while it was read');
  return parseSafetensorsHeader(header, size);
}

/**
 * Loads whole tensors as float32. For small files such as an intervention's: `limitBytes` bounds the sum of what is read.
 * Types other than F32, F16 and BF16 are left out, which the caller sees as a missing tensor.
 */
export async function readTensors(
  path: string,
  names: ReadonlySet<string>,
  options: { readonly limitBytes: number },
): Promise<Result<ReadonlyMap<string, Values>, SafetensorsRefusal | 'tensors-too-large'>> {
  await using file = await open(path, 'r');
  const header = await headerOf(file);
  if (!header.ok) return header;
  const out = new Map<string, Values>();
  let total = 0;
  for (const name of names) {
    const entry = header.value.tensors.get(name);
    if (entry === undefined) continue;
    total += entry.byteLength;
    if (total > options.limitBytes)
      return refuse('tensors-too-large', `more than ${options.limitBytes} bytes`);
    const values = await readTensor(file, entry);
    if (values === null) return refuse('safetensors-truncated', 'the file shrank while it was read');
    if (values !== 'other') out.set(name, values);
  }
  return accept(out);
}

async function readTensor(file: FileHandle, entry: TensorEntry): Promise<Values | 'other' | null> {
  const { dtype } = entry;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') return 'other';
  const bytes = await readExactly(file, entry.fileOffset, entry.byteLength);
  return bytes === null ? null : { shape: entry.shape, data: widen(bytes, dtype) };
}

async function readExactly(file: FileHandle, at: number, length: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) return null;
    done += bytesRead;
  }
  return bytes;
}
