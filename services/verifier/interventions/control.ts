import { createHash } from 'node:crypto';
import {
  type ActivationEdit,
  type LowRankEdit,
  norm,
  type Operation,
  type Read,
  type ResolvedIntervention,
  type SaeFeature,
} from '../../../protocols/artifacts/index.ts';
import { concatBytes, fromHex } from '../../../protocols/base/bytes.ts';
import { frobeniusNorm } from './low-rank.ts';

/**
 * The norm-matched random control: the same edits at the same points and positions, of the same size, along one random
 * direction. Whatever the rate does here, any push of this size does. spec 10-artifacts §11
 */
export function randomControl(intervention: ResolvedIntervention, seedHex: string): ResolvedIntervention {
  const seed = fromHex(seedHex);
  const along = (like: Float64Array) => withLength(gaussians(seed, like.length), norm(like));
  return {
    edits: intervention.edits.map((edit) => randomEdit(edit, along)),
    weights: intervention.weights.map((edit, index) =>
      edit.kind === 'orthogonalise'
        ? { ...edit, vector: along(edit.vector) }
        : randomLowRank(edit, seed, index),
    ),
    reads: intervention.reads.map((read) => randomRead(read, along)),
  };
}

/** A random vector of the same length. One seed gives one direction, wherever it is used. */
type Along = (like: Float64Array) => Float64Array;

function randomEdit(edit: ActivationEdit, along: Along): ActivationEdit {
  return { ...edit, operation: randomOperation(edit.operation, along) };
}

function randomOperation(operation: Operation, along: Along): Operation {
  switch (operation.kind) {
    case 'add':
      return { ...operation, rows: operation.rows.map(along) };
    case 'ablate':
    case 'clamp':
      return { ...operation, vector: along(operation.vector) };
    case 'replace':
      return displaced(operation, operation.value.length, along);
    case 'sae-add':
    case 'sae-clamp':
      return displaced(operation, operation.feature.direction.length, along);
    case 'add-contrast':
    case 'replace-from-model':
      return displaced(operation, operation.width, along);
    case 'displace':
      throw new TypeError('a control of a control');
  }
}

function displaced(of: Operation, width: number, along: Along): Operation {
  const one = new Float64Array(width);
  one[0] = 1;
  return { kind: 'displace', of, direction: along(one) };
}

/** Random factors of the same shapes whose product has the same Frobenius norm. Edit i draws from the seed followed by i. */
function randomLowRank(edit: LowRankEdit, seed: Uint8Array, index: number): LowRankEdit {
  const counter = new Uint8Array(4);
  new DataView(counter.buffer).setUint32(0, index, true);
  const numbers = gaussians(concatBytes(seed, counter), edit.a.length + edit.b.length);
  const a = numbers.slice(0, edit.a.length);
  const b = numbers.slice(edit.a.length);
  const factor = frobeniusNorm(edit) / frobeniusNorm({ ...edit, a, b });
  return { ...edit, a, b: b.map((x) => x * factor) };
}

function randomRead(read: Read, along: Along): Read {
  const { source } = read;
  switch (source.kind) {
    case 'probe':
      return { ...read, source: { ...source, weight: along(source.weight) } };
    case 'sae-feature':
      return { ...read, source: { ...source, feature: randomFeature(source.feature, along) } };
    case 'crosscoder-feature': {
      const models = source.models.map((model) => ({ ...model, column: along(model.column) }));
      return { ...read, source: { ...source, models } };
    }
  }
}

/** A feature that reads along a random direction. It is not among the autoencoder's own, so the k largest say nothing of it. */
function randomFeature(feature: SaeFeature, along: Along): SaeFeature {
  const activation = feature.activation.kind === 'top-k' ? ({ kind: 'relu' } as const) : feature.activation;
  return { ...feature, activation, column: along(feature.column) };
}

function withLength(direction: Float64Array, length: number): Float64Array {
  const scale = length / norm(direction);
  return direction.map((x) => x * scale);
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
