import { z } from 'zod';
import { tensorRef } from './tensor-ref.ts';

/**
 * What is done to an activation x [d] before the encoder, and undone after the decoder.
 * `expected-average-only-in`: x * scale, where scale is sqrt(d) / mean |x| over training text.
 * `constant-norm-rescale`: x * sqrt(d) / |x|. `layer-norm`: (x - mean) / (std + epsilon), std with d - 1.
 */
const normalisation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('expected-average-only-in'), scale: z.number().positive().max(1e6) }),
  z.strictObject({ kind: z.literal('constant-norm-rescale') }),
  z.strictObject({ kind: z.literal('layer-norm'), epsilon: z.number().min(0).max(1) }),
]);

const activation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('relu') }),
  /** A feature is its pre-activation where that exceeds the threshold [features], and 0 elsewhere. */
  z.strictObject({ kind: z.literal('jump-relu'), threshold: tensorRef }),
  /** The k largest pre-activations, then ReLU; of equals the lower feature. */
  z.strictObject({
    kind: z.literal('top-k'),
    k: z
      .int()
      .min(1)
      .max(2 ** 20),
  }),
]);

/**
 * A sparse autoencoder, f(h) = activation((normalised h - decoderBias?) encoder + encoderBias)[feature].
 * encoder [d, features], decoder [features, d], encoderBias [features], decoderBias [d], as SAELens stores them.
 */
export const autoencoderSchema = z.strictObject({
  activation,
  normalisation,
  encoder: tensorRef,
  encoderBias: tensorRef,
  decoder: tensorRef,
  decoderBias: tensorRef,
  /** Whether the decoder's bias is taken from the input (SAELens: apply_b_dec_to_input). */
  subtractDecoderBias: z.boolean(),
  /** Whether a row of the decoder is used as it is or brought to length 1. */
  decoderRows: z.enum(['as-stored', 'unit']),
});
export type Autoencoder = z.infer<typeof autoencoderSchema>;

/** `undo-normalisation`: the step is brought back to the scale of h, as the decoder's output would be. */
export const stepScale = z.enum(['none', 'undo-normalisation']);
