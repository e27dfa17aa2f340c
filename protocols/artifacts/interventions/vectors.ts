import { z } from 'zod';
import { contentId } from '../names.ts';
import { pointText } from './point-text.ts';
import { tensorRef } from './tensor-ref.ts';

/** [d]; for `add` also [T, d], whose row i goes to the i-th position that is selected. */
const stored = z.strictObject({ kind: z.literal('stored'), tensor: tensorRef });

/** The mean of plus minus that of minus, activations [n, d] or [d]: kept apart where a map has to be applied to each. */
const difference = z.strictObject({ kind: z.literal('difference'), plus: tensorRef, minus: tensorRef });

const swapped = z.string().min(1).max(200);
/**
 * Derived from each prompt: the activation at `point` of `model` with `plus` in the prompt, minus that with `minus` in
 * its place, token by token of the swapped text. The prompt holds one of the two.
 */
const contrast = z.strictObject({
  kind: z.literal('contrast'),
  plus: swapped,
  minus: swapped,
  model: z.literal('base').or(contentId),
  point: pointText,
});

export const fixedVectorSchema = z.discriminatedUnion('kind', [stored, difference]);
export const vectorSchema = z.discriminatedUnion('kind', [stored, difference, contrast]);
export type FixedVector = z.infer<typeof fixedVectorSchema>;
export type Contrast = z.infer<typeof contrast>;
