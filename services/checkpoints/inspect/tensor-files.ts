import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  parseSafetensorsHeader,
  readHeaderLength,
  SAFETENSORS_PREFIX_BYTES,
  type SafetensorsHeader,
  type SafetensorsRefusal,
} from '../../../protocols/artifacts/safetensors.ts';
import { fromUtf8 } from '../../../protocols/base/bytes.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { readExactly } from '../directory.ts';

/** The index of a checkpoint in several files is a list of names; 64 MiB are half a million tensors. */
const JSON_LIMIT_BYTES = 64 * 1024 * 1024;
const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

export type TensorFilesRefusal =
  | SafetensorsRefusal
  | 'safetensors-missing'
  | 'index-invalid'
  | 'index-file-missing'
  | 'index-tensor-missing'
  | 'index-tensor-repeated'
  | 'weights-unlisted';

/** Headers of a checkpoint's weights, by file. */
export type TensorHeaders = ReadonlyMap<string, SafetensorsHeader>;

/**
 * The headers of a checkpoint's weights: of the files its index names, or of its one file. Weights are not read. Other
 * safetensors would be parameters that nobody counts: refused.
 */
export async function readTensorHeaders(
  directory: string,
  paths: ReadonlySet<string>,
): Promise<Result<TensorHeaders, TensorFilesRefusal>> {
  const headers = paths.has(INDEX) ? await readIndexed(directory, paths) : await readSingle(directory, paths);
  if (!headers.ok) return headers;
  for (const path of paths)
    if (/\.safetensors$/i.test(path) && !headers.value.has(path))
      return refuse('weights-unlisted', `${path} belongs to no part of the model`);
  return headers;
}

async function readSingle(
  directory: string,
  paths: ReadonlySet<string>,
): Promise<Result<TensorHeaders, TensorFilesRefusal>> {
  if (!paths.has(SINGLE)) return refuse('safetensors-missing', `neither ${SINGLE} nor ${INDEX}`);
  const header = await readHeader(directory, SINGLE);
  return header.ok ? accept(new Map([[SINGLE, header.value]])) : header;
}

async function readIndexed(
  directory: string,
  paths: ReadonlySet<string>,
): Promise<Result<TensorHeaders, TensorFilesRefusal>> {
  const index = readIndex(await readJson(join(directory, INDEX)));
  if (!index.ok) return index;
  const headers = new Map<string, SafetensorsHeader>();
  const found = new Set<string>();
  for (const name of new Set(index.value.values())) {
    if (!paths.has(name)) return refuse('index-file-missing', `${INDEX} names ${name}, which is not there`);
    const header = await readHeader(directory, name);
    if (!header.ok) return header;
    for (const tensor of header.value.tensors.keys()) {
      if (found.has(tensor)) return refuse('index-tensor-repeated', `${tensor} is in two files`);
      if (index.value.get(tensor) !== name)
        return refuse('index-invalid', `${INDEX} does not place ${tensor} in ${name}`);
      found.add(tensor);
    }
    headers.set(name, header.value);
  }
  for (const tensor of index.value.keys())
    if (!found.has(tensor)) return refuse('index-tensor-missing', `${tensor} is in the index and in no file`);
  return accept(headers);
}

/** Tensor name to file name. */
function readIndex(json: unknown): Result<ReadonlyMap<string, string>, 'index-invalid'> {
  const map = isObject(json) ? json['weight_map'] : undefined;
  if (!isObject(map)) return refuse('index-invalid', `${INDEX} has no weight_map`);
  const out = new Map<string, string>();
  for (const [tensor, file] of Object.entries(map)) {
    // One plain name: a path could leave the directory.
    if (typeof file !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$/.test(file))
      return refuse('index-invalid', `${INDEX} places ${tensor.slice(0, 64)} in no safetensors file`);
    out.set(tensor, file);
  }
  return out.size === 0 ? refuse('index-invalid', `${INDEX} is empty`) : accept(out);
}

async function readHeader(
  directory: string,
  name: string,
): Promise<Result<SafetensorsHeader, SafetensorsRefusal>> {
  return withFile(join(directory, name), async (file, sizeBytes) => {
    const prefix = await readUpTo(file, SAFETENSORS_PREFIX_BYTES, sizeBytes);
    const length = readHeaderLength(prefix, sizeBytes);
    if (!length.ok) return refuse(length.reason, `${name}: ${length.detail}`);
    const bytes = await readExactly(file, Buffer.alloc(length.value), SAFETENSORS_PREFIX_BYTES, length.value);
    if (bytes === null) return refuse('safetensors-truncated', `${name}: the file ends inside its header`);
    const header = parseSafetensorsHeader(bytes, sizeBytes);
    if (header.ok) return header;
    const whole = header.reason === 'safetensors-offsets-invalid' ? claimedSize(bytes) : null;
    if (whole !== null && whole > sizeBytes)
      return refuse('safetensors-truncated', `${name} has ${sizeBytes} of ${whole} bytes; copy it again`);
    return refuse(header.reason, `${name}: ${header.detail}`);
  });
}

/** How long the file must have been that this header describes; null when it fits no file. */
function claimedSize(header: Uint8Array): number | null {
  const ends = Object.values(JSON.parse(fromUtf8(header)) as Record<string, unknown>).flatMap((entry) => {
    const offsets = isObject(entry) ? entry['data_offsets'] : undefined;
    const end: unknown = Array.isArray(offsets) ? offsets[1] : undefined;
    return typeof end === 'number' && Number.isSafeInteger(end) ? [end] : [];
  });
  const size = SAFETENSORS_PREFIX_BYTES + header.length + ends.reduce((most, end) => Math.max(most, end), 0);
  return Number.isSafeInteger(size) && parseSafetensorsHeader(header, size).ok ? size : null;
}

/** A JSON file of bounded size; undefined when it is larger, not UTF-8 or not JSON. */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await withFile(path, async (file, sizeBytes) =>
    sizeBytes > JSON_LIMIT_BYTES ? null : await readUpTo(file, sizeBytes, sizeBytes),
  );
  if (bytes === null) return undefined;
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined; // the caller names what it needed
  }
}

/** A text of bounded size; null when it is longer or not UTF-8. @throws Error `ENOENT` */
export async function textOf(path: string, limitBytes: number): Promise<string | null> {
  const bytes = await withFile(path, async (file, sizeBytes) =>
    sizeBytes > limitBytes ? null : await readUpTo(file, sizeBytes, sizeBytes),
  );
  if (bytes === null) return null;
  try {
    return fromUtf8(bytes);
  } catch {
    return null; // the caller says which file
  }
}

/** The first bytes of a file, fewer when it is shorter. */
export function readStart(path: string, lengthBytes: number): Promise<Uint8Array> {
  return withFile(path, (file, sizeBytes) => readUpTo(file, lengthBytes, sizeBytes));
}

async function readUpTo(file: FileHandle, lengthBytes: number, sizeBytes: number): Promise<Uint8Array> {
  const length = Math.min(lengthBytes, sizeBytes);
  return (await readExactly(file, Buffer.alloc(length), 0, length)) ?? new Uint8Array();
}

async function withFile<T>(
  path: string,
  use: (file: FileHandle, sizeBytes: number) => Promise<T>,
): Promise<T> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return await use(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
