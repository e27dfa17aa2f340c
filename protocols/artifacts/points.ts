/**
 * Places of a block where activations can be read or changed, in the order in which one step reaches them, in
 * TransformerLens's words. At `attn_out` and `mlp_out` stands what the module is about to add to the residual stream,
 * after the module's own second norm where the family has one; at the other two, the stream before and after the block.
 */
export const PLACES = ['hook_resid_pre', 'attn_out', 'mlp_out', 'hook_resid_post'] as const;
export type Place = (typeof PLACES)[number];

/** `blocks.{i}.{place}`, i from 0. `blocks.i.hook_resid_post` and `blocks.{i+1}.hook_resid_pre` are one stream. */
export type PointName = `blocks.${number}.${Place}`;

export interface Point {
  readonly name: PointName;
  readonly layer: number;
  readonly place: Place;
}

/** spec 10-artifacts §6.1. */
const POINT = /^blocks\.(0|[1-9][0-9]{0,3})\.(hook_resid_pre|attn_out|mlp_out|hook_resid_post)$/;

/** Null for a text outside the grammar. */
export function parsePoint(text: string): Point | null {
  const match = POINT.exec(text);
  if (match === null) return null;
  return { name: text as PointName, layer: Number(match[1]), place: match[2] as Place };
}

export function pointName(layer: number, place: Place): PointName {
  return `blocks.${layer}.${place}`;
}
