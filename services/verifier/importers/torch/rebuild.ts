import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { isStorageType, type PickleList, type PickleValue, type Storage } from './values.ts';

export type RebuildRefusal = 'pickle-global-refused' | 'pickle-invalid';

const TENSOR = 'torch._utils _rebuild_tensor_v2';
const PARAMETER = 'torch._utils _rebuild_parameter';
const ORDERED_DICT = 'collections OrderedDict';
const STORAGE_PREFIX = 'torch ';

/** What a file of tensors needs, and no other: none of these can run anything, and here none is run. */
export function isKnownGlobal(name: string): boolean {
  if (name === TENSOR || name === PARAMETER || name === ORDERED_DICT) return true;
  return name.startsWith(STORAGE_PREFIX) && isStorageType(name.slice(STORAGE_PREFIX.length));
}

/** The value that Python would make by calling one of the known names. */
export function rebuild(callee: PickleValue, args: PickleValue): Result<PickleValue, RebuildRefusal> {
  const name = isKind(callee, 'global') ? callee.name : null;
  if (name === null || !isKind(args, 'tuple')) return refuse('pickle-invalid', 'a call of no name');
  if (name === ORDERED_DICT && args.items.length === 0) return accept({ kind: 'dict', entries: new Map() });
  if (name === PARAMETER && isKind(args.items[0], 'tensor')) return accept(args.items[0]);
  if (name === TENSOR) return rebuildTensor(args);
  return refuse('pickle-invalid', `${name} with these arguments`);
}

/** (storage, offset, shape, strides, requires_grad, hooks): what torch._utils._rebuild_tensor_v2 takes. */
function rebuildTensor({ items }: PickleList): Result<PickleValue, RebuildRefusal> {
  const [storage, offset, shapeTuple, strideTuple, , , metadata = null] = items;
  const shape = countsOf(shapeTuple);
  const strides = countsOf(strideTuple);
  if (!isKind(storage, 'storage') || !isCount(offset) || shape === null || strides === null)
    return refuse('pickle-invalid', 'a tensor of no storage, offset, shape and strides');
  if (shape.length !== strides.length)
    return refuse('pickle-invalid', `${shape.length} extents and ${strides.length} strides`);
  // the flags of a conjugated or negated view, which would change its values
  const isPlain = metadata === null || (isKind(metadata, 'dict') && metadata.entries.size === 0);
  if (!isPlain) return refuse('pickle-invalid', 'a tensor with flags of its own');
  const last = shape.reduce((sum, extent, i) => sum + (extent - 1) * (strides[i] as number), offset);
  if (!shape.includes(0) && last >= storage.elements)
    return refuse('pickle-invalid', `element ${last} of a storage of ${storage.elements}`);
  return accept({ kind: 'tensor', storage, offset, shape, strides });
}

/** ('storage', class, key, device, elements): what torch.save writes for a storage. */
export function readStorage(id: PickleValue): Result<Storage, RebuildRefusal> {
  if (!isKind(id, 'tuple')) return refuse('pickle-invalid', 'a persistent id that is no tuple');
  const [word, type, key, , elements] = id.items;
  const name = isKind(type, 'global') ? type.name.slice(STORAGE_PREFIX.length) : '';
  if (word !== 'storage' || !isStorageType(name) || typeof key !== 'string' || !isCount(elements))
    return refuse('pickle-invalid', 'a persistent id that is no storage');
  return accept({ kind: 'storage', type: name, key, elements });
}

function countsOf(value: PickleValue | undefined): readonly number[] | null {
  return isKind(value, 'tuple') && value.items.every(isCount) ? value.items : null;
}

function isCount(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

type Kinds = Extract<PickleValue, { kind: string }>;
type OfKind<K> = K extends PickleList['kind'] ? PickleList : Extract<Kinds, { kind: K }>;

export function isKind<K extends Kinds['kind']>(value: PickleValue | undefined, kind: K): value is OfKind<K> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}
