import { concatBytes, utf8 } from '../../../protocols/base/bytes.ts';

/** A tensor to write: shape and float32 values. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Bytes of a float32 safetensors file. */
export function writeSafetensors(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
    parts.push(bytes);
  }
  return concatBytes(withLength(JSON.stringify(header)), ...parts);
}

/** A header behind its 8-byte length. */
export function withLength(header: string, claimed?: bigint): Uint8Array {
  const bytes = utf8(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, claimed ?? BigInt(bytes.length), true);
  return concatBytes(length, bytes);
}
