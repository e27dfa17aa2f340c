import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { Cursor, CursorEnd } from '../cursor.ts';
import { type Metadata, readMetadata, readName } from './metadata.ts';

export type GgufRefusal =
  | 'gguf-truncated'
  | 'gguf-invalid'
  | 'gguf-version-unsupported'
  | 'gguf-name-repeated'
  | 'gguf-type-unsupported'
  | 'gguf-offsets-invalid'
  | 'gguf-not-control-vector'
  | 'gguf-direction-invalid';

const MAGIC = 0x46554747;
const TENSORS_LIMIT = 4_096;
const METADATA_LIMIT = 4_096;
const DEFAULT_ALIGNMENT = 32;

const TYPES = { 0: ['F32', 4], 1: ['F16', 2], 30: ['BF16', 2] } as const;
export interface GgufTensor {
  readonly dtype: 'F32' | 'F16' | 'BF16';
  /** Outermost first, the reverse of how the file has it. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface GgufFile {
  readonly metadata: Metadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/**
 * A little-endian GGUF file of version 2 or 3 with unquantised tensors, which have to cover its data in order with no more
 * between them than the alignment asks. Source: ggml docs/gguf.md.
 */
export function readGguf(bytes: Uint8Array): Result<GgufFile, GgufRefusal> {
  const cursor = new Cursor(bytes);
  try {
    return readFile(bytes, cursor);
  } catch (error) {
    if (error instanceof CursorEnd) return refuse('gguf-truncated', `at byte ${error.at}`);
    throw error;
  }
}

function readFile(bytes: Uint8Array, cursor: Cursor): Result<GgufFile, GgufRefusal> {
  if (cursor.uint32() !== MAGIC) return refuse('gguf-invalid', 'not a GGUF file');
  const version = cursor.uint32();
  if (version !== 2 && version !== 3) return refuse('gguf-version-unsupported', `version ${version}`);
  const tensorCount = cursor.count(TENSORS_LIMIT);
  const metadataCount = cursor.count(METADATA_LIMIT);
  if (tensorCount === null || metadataCount === null) return refuse('gguf-invalid', 'too many entries');
  const metadata = readMetadata(cursor, metadataCount);
  if (!metadata.ok) return metadata;
  const alignment = metadata.value.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (typeof alignment !== 'number' || alignment < 1 || !Number.isInteger(Math.log2(alignment)))
    return refuse('gguf-invalid', `an alignment of ${alignment}`);
  const infos = new Map<string, TensorInfo>();
  for (let i = 0; i < tensorCount; i++) {
    const info = readInfo(cursor);
    if (!info.ok) return info;
    if (infos.has(info.value.name)) return refuse('gguf-name-repeated', info.value.name);
    infos.set(info.value.name, info.value);
  }
  const tensors = placeTensors(bytes, align(cursor.at, alignment), alignment, infos);
  return tensors.ok ? accept({ metadata: metadata.value, tensors: tensors.value }) : tensors;
}

interface TensorInfo {
  readonly name: string;
  readonly dtype: GgufTensor['dtype'];
  readonly shape: readonly number[];
  readonly offset: number;
  readonly byteLength: number;
}

function readInfo(cursor: Cursor): Result<TensorInfo, GgufRefusal> {
  const name = readName(cursor);
  if (name === null) return refuse('gguf-invalid', 'the name of a tensor');
  const rank = cursor.uint32();
  if (rank < 1 || rank > 4) return refuse('gguf-invalid', `${name} has ${rank} dimensions`);
  const shape: number[] = [];
  let elements = 1;
  for (let i = 0; i < rank; i++) {
    const extent = cursor.count(2 ** 31);
    if (extent === null || extent === 0 || elements > 2 ** 40 / extent)
      return refuse('gguf-invalid', `the shape of ${name}`);
    elements *= extent;
    shape.unshift(extent);
  }
  const type = cursor.uint32();
  const known = Object.hasOwn(TYPES, type) ? TYPES[type as keyof typeof TYPES] : undefined;
  if (known === undefined) return refuse('gguf-type-unsupported', `${name} is of type ${type}`);
  const offset = cursor.count(Number.MAX_SAFE_INTEGER);
  if (offset === null) return refuse('gguf-offsets-invalid', name);
  return accept({ name, dtype: known[0], shape, offset, byteLength: elements * known[1] });
}

function placeTensors(
  bytes: Uint8Array,
  dataAt: number,
  alignment: number,
  infos: ReadonlyMap<string, TensorInfo>,
): Result<ReadonlyMap<string, GgufTensor>, GgufRefusal> {
  let next = 0;
  const out = new Map<string, GgufTensor>();
  for (const { name, dtype, shape, offset, byteLength } of infos.values()) {
    if (offset !== next) return refuse('gguf-offsets-invalid', `${name} begins at ${offset}, not at ${next}`);
    const begin = dataAt + offset;
    if (begin + byteLength > bytes.length) return refuse('gguf-truncated', name);
    out.set(name, { dtype, shape, bytes: bytes.subarray(begin, begin + byteLength) });
    next = align(offset + byteLength, alignment);
  }
  if (bytes.length > dataAt + next) return refuse('gguf-offsets-invalid', 'bytes that belong to no tensor');
  return accept(out);
}

function align(at: number, alignment: number): number {
  return Math.ceil(at / alignment) * alignment;
}
