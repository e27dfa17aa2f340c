import type {
  Intervention,
  PointName,
  SafetensorsRefusal,
  TensorRef,
} from '../../../protocols/artifacts/index.ts';
import type { GgufRefusal } from './gguf/gguf-file.ts';
import type { NeuronpediaRefusal } from './neuronpedia-json.ts';
import type { AdapterRefusal } from './peft/adapter-config.ts';
import type { SaeConfigRefusal } from './saelens/sae-config.ts';
import type { TorchRefusal } from './torch/torch-file.ts';

export const TENSORS_FILE = 'tensors.safetensors';

/** A tensor to be written: bytes as safetensors has them, little-endian and row-major. */
export interface NewTensor {
  readonly name: string;
  readonly dtype: 'F32' | 'F16' | 'BF16';
  readonly shape: readonly number[];
  /** Its bytes in pieces, so that none but small ones are held whole. */
  readonly read: () => AsyncIterable<Uint8Array>;
}

/** What a source says: edits over the tensors that go beside them, and what can be told of its origin. */
export interface Draft {
  readonly edits: Intervention['edits'];
  readonly tensors: readonly NewTensor[];
  readonly method: string;
  readonly point?: PointName;
  /** What was taken out of the source, where it holds more. */
  readonly selection: string;
}

export type ImportRefusal =
  | SafetensorsRefusal
  | TorchRefusal
  | GgufRefusal
  | AdapterRefusal
  | SaeConfigRefusal
  | NeuronpediaRefusal
  | 'dtype-unsupported'
  | 'tensor-missing'
  | 'tensor-unknown'
  | 'width-mismatch'
  | 'feature-out-of-range'
  | 'strength-missing'
  | 'weight-unknown';

export function refTo(tensor: string): TensorRef {
  return { file: TENSORS_FILE, tensor };
}

/** A tensor of values that are held. */
export function heldTensor(name: string, shape: readonly number[], data: Float32Array): NewTensor {
  return { name, dtype: 'F32', shape, read: () => once(littleEndian(data)) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function littleEndian(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * data.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of data.entries()) view.setFloat32(4 * i, value, true);
  return bytes;
}
