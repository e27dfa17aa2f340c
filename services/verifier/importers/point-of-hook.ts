import { type Place, type PointName, pointName } from '../../../protocols/artifacts/index.ts';

/** TransformerLens's names of hooks, and ours. */
const PLACES: Readonly<Record<string, Place>> = {
  hook_resid_pre: 'hook_resid_pre',
  hook_resid_post: 'hook_resid_post',
  hook_attn_out: 'attn_out',
  hook_mlp_out: 'mlp_out',
};
const HOOK = /^blocks\.(0|[1-9]\d{0,3})\.(\w{1,32})$/;

/** Null for a hook at which nothing is read or changed here. */
export function pointOfHook(hook: string): PointName | null {
  const [, layer, place = ''] = HOOK.exec(hook) ?? [];
  if (layer === undefined || !Object.hasOwn(PLACES, place)) return null;
  return pointName(Number(layer), PLACES[place] as Place);
}
