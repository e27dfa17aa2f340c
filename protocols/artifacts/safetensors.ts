import { fromUtf8 } from '../base/bytes.ts';
import { SAFETENSORS_HEADER_LIMIT_BYTES } from '../base/limits.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { DTYPE_BYTES, type Dtype, isDtype } from './dtypes.ts';
import { countMembers } from './json-members.ts';

/** Bytes before the header: its length as a little-endian 64-bit integer. */
export const SAFETENSORS_PREFIX_BYTES = 8;

export type SafetensorsRefusal =
  | 'safetensors-truncated'
  | 'safetensors-header-too-large'
  | 'safetensors-header-invalid'
  | 'safetensors-name-repeated'
  | 'safetensors-dtype-unknown'
  | 'safetensors-shape-invalid'
  | 'safetensors-offsets-invalid'
  | 'safetensors-size-mismatch'
  | 'safetensors-not-contiguous';

export interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte of the tensor, counted from the start of the file. */
  readonly fileOffset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * The header's length from the first 8 bytes of a file of `fileSizeBytes`. Checked against the limit and the file
 * before the caller allocates a buffer for it. spec 10-artifacts §2.
 */
export function readHeaderLength(
  prefix: Uint8Array,
  fileSizeBytes: number,
): Result<number, SafetensorsRefusal> {
  if (prefix.length < SAFETENSORS_PREFIX_BYTES || fileSizeBytes < SAFETENSORS_PREFIX_BYTES)
    return refuse('safetensors-truncated', 'the file ends inside the length of its header');
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > BigInt(SAFETENSORS_HEADER_LIMIT_BYTES))
    return refuse('safetensors-header-too-large', `a header of ${length} bytes`);
  if (length > BigInt(fileSizeBytes - SAFETENSORS_PREFIX_BYTES))
    return refuse('safetensors-truncated', `a header of ${length} bytes in a file of ${fileSizeBytes}`);
  return accept(Number(length));
}

/**
 * Checks a safetensors header against the size of its file: every tensor's extent is what its dtype and shape say,
 * and together the tensors cover the data exactly once. Nothing is allocated from what the header claims.
 * spec 10-artifacts §3.
 */
export function parseSafetensorsHeader(
  headerBytes: Uint8Array,
  fileSizeBytes: number,
): Result<SafetensorsHeader, SafetensorsRefusal> {
  const raw = parseObject(headerBytes);
  if (!raw.ok) return raw;
  const metadata = readMetadata(raw.value.__metadata__);
  if (metadata === null)
    return refuse('safetensors-header-invalid', '__metadata__ is not a map from text to text');
  const dataOffset = SAFETENSORS_PREFIX_BYTES + headerBytes.length;
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(raw.value)) {
    if (name === '__metadata__') continue;
    const entry = parseEntry(name, value, dataOffset, fileSizeBytes);
    if (!entry.ok) return entry;
    tensors.set(name, entry.value);
  }
  return checkCoverage({ tensors, metadata }, dataOffset, fileSizeBytes);
}

function parseObject(bytes: Uint8Array): Result<Record<string, unknown>, SafetensorsRefusal> {
  const members = countMembers(bytes);
  if (members === null) return refuse('safetensors-header-invalid', 'the header is not a flat JSON object');
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    return refuse('safetensors-header-invalid', 'the header is not JSON');
  }
  if (!isObject(value)) return refuse('safetensors-header-invalid', 'the header is not a JSON object');
  // JSON.parse keeps the last of two equal names in silence; the count of names written shows that it did.
  const inner = Object.values(value).filter(isObject);
  const kept = inner.reduce((sum, object) => sum + Object.keys(object).length, 0);
  if (members.outer !== Object.keys(value).length || members.inner !== kept)
    return refuse('safetensors-name-repeated', 'a name occurs twice in the header');
  return accept(value);
}

function parseEntry(
  name: string,
  value: unknown,
  dataOffset: number,
  fileSizeBytes: number,
): Result<TensorEntry, SafetensorsRefusal> {
  if (!isObject(value) || Object.keys(value).length !== 3)
    return refuse('safetensors-header-invalid', `${name}: not {dtype, shape, data_offsets}`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) return refuse('safetensors-dtype-unknown', `${name}: ${String(dtype).slice(0, 32)}`);
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isCount))
    return refuse('safetensors-shape-invalid', name);
  const byteLength = sizeBytes(shape, dtype);
  if (byteLength === null) return refuse('safetensors-shape-invalid', `${name}: more than 2^53 bytes`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return refuse('safetensors-offsets-invalid', name);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > fileSizeBytes - dataOffset)
    return refuse('safetensors-offsets-invalid', `${name}: [${begin}, ${end}) is outside the file`);
  if (end - begin !== byteLength)
    return refuse('safetensors-size-mismatch', `${name}: ${end - begin} bytes for a tensor of ${byteLength}`);
  return accept({ dtype, shape, fileOffset: dataOffset + begin, byteLength });
}

/** Tensors in file order must touch: no overlap, no hole, nothing after the last. */
function checkCoverage(
  header: SafetensorsHeader,
  dataOffset: number,
  fileSizeBytes: number,
): Result<SafetensorsHeader, SafetensorsRefusal> {
  const order = [...header.tensors].sort(
    ([, a], [, b]) => a.fileOffset - b.fileOffset || a.byteLength - b.byteLength,
  );
  let next = dataOffset;
  for (const [name, entry] of order) {
    if (entry.fileOffset !== next)
      return refuse('safetensors-not-contiguous', `${name} begins at ${entry.fileOffset}, not at ${next}`);
    next += entry.byteLength;
  }
  if (next !== fileSizeBytes)
    return refuse('safetensors-not-contiguous', `${fileSizeBytes - next} bytes belong to no tensor`);
  return accept(header);
}

/** product(shape) * size(dtype), or null beyond 2^53. Zeros first, so that [2^40, 2^40, 0] is 0 and not an overflow. */
function sizeBytes(shape: readonly number[], dtype: Dtype): number | null {
  if (shape.includes(0)) return 0;
  let bytes: number = DTYPE_BYTES[dtype];
  for (const extent of shape) {
    if (bytes > Number.MAX_SAFE_INTEGER / extent) return null;
    bytes *= extent;
  }
  return bytes;
}

function readMetadata(value: unknown): ReadonlyMap<string, string> | null {
  if (value === undefined) return new Map();
  if (!isObject(value)) return null;
  const out = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') return null;
    out.set(key, text);
  }
  return out;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function elementCount(entry: TensorEntry): number {
  return entry.byteLength / DTYPE_BYTES[entry.dtype];
}
