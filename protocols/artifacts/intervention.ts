import { z } from 'zod';
import { accept, type Result, refuse } from '../base/result.ts';
import { contentId, fileName } from './names.ts';
import type { PointName } from './points.ts';

export const INTERVENTION_FILE = 'intervention.json';

const tensorRef = z.strictObject({ file: fileName, tensor: z.string().min(1).max(256) });
export type TensorRef = z.infer<typeof tensorRef>;

/** Residual stream before or after block i, 0-based, in TransformerLens's words; `post` is after the block's second addition. */
const SITE = /^blocks\.(0|[1-9][0-9]{0,3})\.hook_resid_(pre|post)$/;
const site = z.string().regex(SITE);

/** Where an edit applies. "Generated" are the tokens the model itself has produced, from the first on. */
export const POSITIONS = [
  'last-prompt-token',
  'generated',
  'last-prompt-token-and-generated',
  'all',
] as const;
export type Positions = (typeof POSITIONS)[number];

export const ADD_FORMULA = 'h + coefficient * vector';
export const CLAMP_FORMULA = 'h - ((h - mean) . u) u, u = vector / |vector|';

const add = z.strictObject({
  kind: z.literal('add'),
  formula: z.literal(ADD_FORMULA),
  norm: z.literal('vector-as-stored'),
  coefficient: z.number().min(-1e6).max(1e6),
  vector: tensorRef,
});
const clamp = z.strictObject({
  kind: z.literal('clamp'),
  formula: z.literal(CLAMP_FORMULA),
  norm: z.literal('unit-direction'),
  vector: tensorRef,
  mean: tensorRef,
});

/** y = weight x + bias. A vector is a difference, so the bias cancels: vector -> W v; a mean is a point: mean -> W m + b. */
const mapper = z.strictObject({
  kind: z.literal('affine'),
  source: contentId,
  weight: tensorRef,
  bias: tensorRef,
  apply: z.literal('map-vector-no-bias'),
});

const derivation = z.strictObject({
  method: z.string().min(1).max(2000),
  source: contentId,
  site,
  dataset: z.string().min(1).max(2000),
  selection: z.string().min(1).max(2000),
});

export const interventionSchema = z.strictObject({
  format: z.literal('intervention/1'),
  base: contentId,
  site,
  operation: z.discriminatedUnion('kind', [add, clamp]),
  positions: z.enum(POSITIONS),
  mapper: mapper.optional(),
  derivation,
});
export type Intervention = z.infer<typeof interventionSchema>;

/** spec 10-artifacts §6. */
export function parseIntervention(json: unknown): Result<Intervention, 'manifest-invalid'> {
  const parsed = interventionSchema.safeParse(json);
  return parsed.success ? accept(parsed.data) : refuse('manifest-invalid', z.prettifyError(parsed.error));
}

/** Residual stream number: k is the input of block k, so `blocks.k.hook_resid_post` is k + 1. */
export interface Site {
  readonly name: PointName;
  readonly layer: number;
  readonly point: 'pre' | 'post';
  readonly stream: number;
}

/** @throws TypeError unless the text passed the schema. */
export function parseSite(text: string): Site {
  const match = SITE.exec(text);
  if (match === null) throw new TypeError('not a site');
  const layer = Number(match[1]);
  const point = match[2] === 'pre' ? 'pre' : 'post';
  return { name: text as PointName, layer, point, stream: point === 'pre' ? layer : layer + 1 };
}

/** Every tensor the manifest names, for the reader that loads them. */
export function tensorRefs(manifest: Intervention): readonly TensorRef[] {
  const { operation, mapper: map } = manifest;
  const refs = [operation.vector];
  if (operation.kind === 'clamp') refs.push(operation.mean);
  if (map !== undefined) refs.push(map.weight, map.bias);
  return refs;
}
