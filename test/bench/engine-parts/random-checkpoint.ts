import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../../services/verifier/statistics/random.ts';
import type { Shape } from './shapes.ts';

/** GPT-2's and Qwen2's own initialisation. */
const DEVIATION = 0.02;
/** Numbers drawn; longer tensors repeat them, which no timing can tell. An odd count, so that no two rows are equal. */
const DRAWN = 2 ** 20 - 1;

/** Writes a model directory with random float32 weights in one safetensors file; norms are ones, biases noughts. */
export async function writeRandomCheckpoint(folder: string, { config, tensors }: Shape): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const file = await open(join(folder, 'model.safetensors'), 'w');
  const random = drawn();
  try {
    await file.write(header(tensors));
    for (const [name, shape] of tensors) await file.writev(contents(name, size(shape), random));
  } finally {
    await file.close();
  }
}

/** Uniform, with the deviation asked for. */
function drawn(): Float32Array {
  const random = new Random(new Uint8Array(16));
  const half = DEVIATION * Math.sqrt(3);
  return Float32Array.from({ length: DRAWN }, () => half * (random.next() / 2 ** 31 - 1));
}

function header(tensors: Shape['tensors']): Uint8Array {
  let at = 0;
  const entries = [...tensors].map(([name, shape]) => {
    const data_offsets = [at, at + 4 * size(shape)];
    at += 4 * size(shape);
    return [name, { dtype: 'F32', shape, data_offsets }];
  });
  const json = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) });
  // spaces, so that tensors lie on multiples of 64 bytes, as the hub's writer puts them on multiples of 8
  const text = Buffer.from(json.padEnd(Math.ceil((json.length + 8) / 64) * 64 - 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text]);
}

/** Bytes of a tensor, in parts. */
function contents(name: string, count: number, random: Float32Array): Uint8Array[] {
  if (/(?:ln_\w|norm)\.weight$/.test(name)) return [bytesOf(new Float32Array(count).fill(1))];
  if (name.endsWith('.bias')) return [new Uint8Array(4 * count)];
  return Array.from({ length: Math.ceil(count / DRAWN) }, (_, i) =>
    bytesOf(random.subarray(0, Math.min(DRAWN, count - i * DRAWN))),
  );
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
