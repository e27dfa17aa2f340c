import { z } from 'zod';
import { contentId } from '../names.ts';
import { tensorRef } from './tensor-ref.ts';

/**
 * How a vector v of the source, made as plus - minus, goes through a map f:
 * `map-vector` f(v); `map-vector-no-bias` f(v) with every bias zero; `map-then-difference` f(plus) - f(minus).
 * A point (a mean, an activation) always goes through f as it is.
 */
const apply = z.enum(['map-vector', 'map-vector-no-bias', 'map-then-difference']);

/** y = weight x + bias; weight [d_target, d_source], bias [d_target] or none. */
const affine = z.strictObject({
  kind: z.literal('affine'),
  source: contentId,
  weight: tensorRef,
  bias: tensorRef.nullable(),
  apply,
});

/**
 * y = decoder relu(encoder x + encoderBias) + decoderBias; encoder [hidden, d_source], decoder [d_target, hidden].
 * A nonlinear map can rebuild a vector from the prompts alone, so the affine map fitted to the same pairs goes with it
 * and its result stands beside this one's.
 */
const reluAutoencoder = z.strictObject({
  kind: z.literal('relu-autoencoder'),
  source: contentId,
  encoder: tensorRef,
  encoderBias: tensorRef,
  decoder: tensorRef,
  decoderBias: tensorRef.nullable(),
  apply,
  affine: z.strictObject({ weight: tensorRef, bias: tensorRef.nullable() }),
});

/**
 * v A, A = argmin |S A - T|^2 + ridge |A|^2, over rows of the two unembeddings S [tokens, d_source], T [tokens, d_target]
 * with the same token ids. The verifier solves it again; `published` [d_target] is what the author got.
 */
const unembeddings = z.strictObject({
  kind: z.literal('unembedding-least-squares'),
  source: contentId,
  tokens: z.strictObject({ from: z.int().min(0), to: z.int().min(1) }).or(z.literal('all')),
  ridge: z.number().min(0).max(1e6),
  published: tensorRef,
});

export const mapperSchema = z.discriminatedUnion('kind', [affine, reluAutoencoder, unembeddings]);
export type Mapper = z.infer<typeof mapperSchema>;
