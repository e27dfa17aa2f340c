import { fromUtf8 } from '../../../../protocols/base/bytes.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { widen } from '../../engine/widen.ts';
import type { PickleRefusal } from './halt.ts';
import { readPickle } from './pickle.ts';
import { isKind } from './rebuild.ts';
import { type PickleValue, STORAGE_TYPES, type StridedTensor } from './values.ts';
import { readZip, type ZipFile, type ZipRefusal } from './zip.ts';

export type TorchRefusal =
  | ZipRefusal
  | PickleRefusal
  | 'torch-legacy'
  | 'torch-script'
  | 'torch-file-invalid'
  | 'torch-big-endian'
  | 'torch-dtype-unsupported'
  | 'torch-tensor-missing'
  | 'torch-tensor-too-large';

/** Values of one tensor: a view may name each element of a small storage many times. */
const ELEMENTS_LIMIT = 2 ** 26;
/** A pickle of tensors is some hundred bytes a tensor. */
const PICKLE_LIMIT_BYTES = 4 * 2 ** 20;

const ZIP_MAGIC = 0x504b;
const FLOATS = { FloatStorage: 'F32', HalfStorage: 'F16', BFloat16Storage: 'BF16' } as const;

/** A tensor taken out, row-major, rounded to float32 where it was stored as float64. */
export interface TakenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * One tensor of a file that `torch.save` wrote. `path` leads to it through dictionaries and lists, empty where the file
 * is the tensor; `rows` then fixes its first indices.
 */
export function takeTensor(
  bytes: Uint8Array,
  path: readonly string[],
  rows: readonly number[],
): Result<TakenTensor, TorchRefusal> {
  const file = openTorch(bytes);
  if (!file.ok) return file;
  const value = readPickle(file.value.pickle);
  if (!value.ok) return value;
  const found = follow(value.value, path);
  if (!isKind(found, 'tensor')) return refuse('torch-tensor-missing', describe(value.value, path));
  const row = fixRows(found, rows);
  if (row === null) return refuse('torch-tensor-missing', `[${rows}] of a tensor [${found.shape}]`);
  return materialise(file.value, row);
}

interface OpenTorch {
  readonly zip: ZipFile;
  readonly prefix: string;
  readonly pickle: Uint8Array;
}

function openTorch(bytes: Uint8Array): Result<OpenTorch, TorchRefusal> {
  if (bytes.length < 2 || ((bytes[0] as number) << 8) + (bytes[1] as number) !== ZIP_MAGIC)
    return refuse(
      'torch-legacy',
      'not a ZIP file, as torch.save writes since 1.6; convert it where you trust it: torch.save(torch.load(old, weights_only=True), new)',
    );
  const zip = readZip(bytes);
  if (!zip.ok) return zip;
  const { names } = zip.value;
  const roots = names.filter((name) => /^[^/]*\/data\.pkl$/.test(name));
  const prefix = roots[0]?.slice(0, -'data.pkl'.length);
  if (prefix === undefined || roots.length > 1)
    return refuse('torch-file-invalid', 'no data.pkl, or several');
  if (names.some((name) => name.startsWith(`${prefix}code/`) || name === `${prefix}constants.pkl`))
    return refuse('torch-script', 'a TorchScript program, not tensors');
  const order = zip.value.read(`${prefix}byteorder`);
  if (!order.ok) return order;
  if (order.value !== null && !isText(order.value, 'little'))
    return refuse('torch-big-endian', 'only little-endian storages are read');
  const pickle = zip.value.read(`${prefix}data.pkl`);
  if (!pickle.ok) return pickle;
  if (pickle.value === null || pickle.value.length > PICKLE_LIMIT_BYTES)
    return refuse('torch-file-invalid', `data.pkl is larger than ${PICKLE_LIMIT_BYTES} bytes`);
  return accept({ zip: zip.value, prefix, pickle: pickle.value });
}

function follow(value: PickleValue, path: readonly string[]): PickleValue | undefined {
  let at: PickleValue | undefined = value;
  for (const step of path) {
    const index = /^(?:0|[1-9]\d{0,8})$/.test(step) ? Number(step) : null;
    if (isKind(at, 'dict')) at = at.entries.get(step) ?? (index === null ? undefined : at.entries.get(index));
    else if ((isKind(at, 'list') || isKind(at, 'tuple')) && index !== null) at = at.items[index];
    else return undefined;
  }
  return at;
}

const SHOWN = 20;
/** What stands where a tensor was looked for. */
function describe(root: PickleValue, path: readonly string[]): string {
  const at = follow(root, path);
  if (isKind(at, 'dict')) return `a dictionary of ${[...at.entries.keys()].slice(0, SHOWN).join(', ')}`;
  if (isKind(at, 'list') || isKind(at, 'tuple')) return `a list of ${at.items.length}`;
  return at === undefined ? `nothing at ${path.join(', ')}` : 'no tensor there';
}

function fixRows(tensor: StridedTensor, rows: readonly number[]): StridedTensor | null {
  const { shape, strides } = tensor;
  if (rows.length > shape.length || rows.some((row, i) => row >= (shape[i] as number))) return null;
  const offset = rows.reduce((sum, row, i) => sum + row * (strides[i] as number), tensor.offset);
  return { ...tensor, offset, shape: shape.slice(rows.length), strides: strides.slice(rows.length) };
}

function materialise(
  { zip, prefix }: OpenTorch,
  { storage, offset, shape, strides }: StridedTensor,
): Result<TakenTensor, TorchRefusal> {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count > ELEMENTS_LIMIT) return refuse('torch-tensor-too-large', `[${shape}]`);
  const raw = zip.read(`${prefix}data/${storage.key}`);
  if (!raw.ok) return raw;
  if (raw.value?.length !== storage.elements * STORAGE_TYPES[storage.type])
    return refuse(
      'torch-file-invalid',
      `storage ${storage.key} is not ${storage.elements} of ${storage.type}`,
    );
  const elementAt = reader(raw.value, storage.type);
  if (elementAt === null) return refuse('torch-dtype-unsupported', storage.type);
  const data = new Float32Array(count);
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    data[i] = elementAt(at);
    // the next index in row-major order, and its element
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      at += stride;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      at -= stride * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return accept({ shape, data });
}

/** The element at an index of a storage; null for types that are no floats. */
function reader(raw: Uint8Array, type: keyof typeof STORAGE_TYPES): ((at: number) => number) | null {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (type === 'DoubleStorage') return (at) => view.getFloat64(8 * at, true);
  if (type === 'FloatStorage') return (at) => view.getFloat32(4 * at, true);
  if (type !== 'HalfStorage' && type !== 'BFloat16Storage') return null;
  const dtype = FLOATS[type];
  return (at) => widen(raw.subarray(2 * at, 2 * at + 2), dtype)[0] as number;
}

function isText(bytes: Uint8Array, text: string): boolean {
  try {
    return fromUtf8(bytes) === text;
  } catch {
    return false;
  }
}
