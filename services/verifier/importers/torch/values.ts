/** What a pickle of tensors can hold. Containers may contain themselves. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleList
  | PickleDict
  | Global
  | Storage
  | StridedTensor;

export interface PickleList {
  readonly kind: 'list' | 'tuple';
  readonly items: PickleValue[];
}

export interface PickleDict {
  readonly kind: 'dict';
  /** By key; text and number apart. */
  readonly entries: Map<string | number, PickleValue>;
}

/** A name that was looked up; nothing is ever called by it. */
export interface Global {
  readonly kind: 'global';
  readonly name: string;
}

export interface Storage {
  readonly kind: 'storage';
  readonly type: StorageType;
  /** The entry `data/{key}` of the file. */
  readonly key: string;
  readonly elements: number;
}

/** A view of a storage; offset and strides in elements. */
export interface StridedTensor {
  readonly kind: 'tensor';
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Bytes of an element, by storage class. */
export const STORAGE_TYPES = {
  FloatStorage: 4,
  DoubleStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
} as const;
export type StorageType = keyof typeof STORAGE_TYPES;

export function isStorageType(name: string): name is StorageType {
  return Object.hasOwn(STORAGE_TYPES, name);
}
