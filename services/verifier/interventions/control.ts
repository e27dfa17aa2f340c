import { createHash } from 'node:crypto';
import { norm, type ResolvedIntervention } from '../../../protocols/artifacts/index.ts';
import { fromHex } from '../../../protocols/base/bytes.ts';

/**
 * The norm-matched random control: the same edit at the same site and positions, with the same mean and coefficient,
 * along a random direction of the vector's length. Whatever the rate does here, any push of this size does.
 */
export function randomControl(intervention: ResolvedIntervention, seedHex: string): ResolvedIntervention {
  const { edit } = intervention;
  const direction = gaussians(fromHex(seedHex), edit.vector.length);
  const length = Math.sqrt(direction.reduce((sum, x) => sum + x * x, 0));
  const scale = norm(edit.vector) / length;
  return { ...intervention, edit: { ...edit, vector: Float32Array.from(direction, (x) => x * scale) } };
}

/**
 * Standard normal numbers in float64, the same on every machine for one seed. Stream: SHA-256(seed || i as 64-bit
 * little-endian) for i = 0, 1, …, each giving four little-endian 64-bit words; u = (top 53 bits + 1) / 2^53 in (0, 1];
 * pairs (u, v) become sqrt(-2 ln u) cos(2 pi v), sqrt(-2 ln u) sin(2 pi v) (Box and Muller 1958).
 */
export function gaussians(seed: Uint8Array, count: number): Float64Array {
  const out = new Float64Array(count);
  const uniform = uniforms(seed);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    out[i] = radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

function uniforms(seed: Uint8Array): () => number {
  let block = 0n;
  let words: bigint[] = [];
  return () => {
    if (words.length === 0) {
      const counter = new Uint8Array(8);
      new DataView(counter.buffer).setBigUint64(0, block++, true);
      const digest = createHash('sha256').update(seed).update(counter).digest();
      words = [0, 8, 16, 24].map((at) => digest.readBigUInt64LE(at));
    }
    const word = words.shift() as bigint;
    return (Number(word >> 11n) + 1) / 2 ** 53;
  };
}
