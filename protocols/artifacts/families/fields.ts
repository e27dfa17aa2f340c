import { z } from 'zod';
import type { Activation } from '../decoder.ts';

/** Bound on every extent in a config: larger than any published model, small enough that products stay exact. */
const EXTENT_LIMIT = 2 ** 22;
export const extent = z.int().min(1).max(EXTENT_LIMIT);
export const layerCount = z.int().min(1).max(1024);
export const headCount = z.int().min(1).max(4096);
export const epsilon = z.number().positive().max(0.1);
/** Soft caps and scales: positive and of sane size. */
export const scalar = z.number().positive().max(1e6);

const tokenId = z.int().min(0).max(EXTENT_LIMIT);
export const eosTokens = z.union([tokenId, z.array(tokenId).min(1).max(64)]).nullish();

/** Names that Transformers gives the activations the engine compiles. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  relu: 'relu',
};

/** Null for a name that is not compiled. */
export function readActivation(name: string): Activation | null {
  return Object.hasOwn(ACTIVATIONS, name) ? (ACTIVATIONS[name] as Activation) : null;
}

export function activationRefusal(field: string, name: string): string {
  const supported = Object.keys(ACTIVATIONS).join(', ');
  return `${field} '${name.slice(0, 64)}' is not supported; supported: ${supported}`;
}

export function listTokens(eos: z.infer<typeof eosTokens>): readonly number[] {
  if (eos === null || eos === undefined) return [];
  return typeof eos === 'number' ? [eos] : eos;
}
