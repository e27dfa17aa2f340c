import type { Linear, Norm } from '../decoder.ts';

/** `prefix`, or nothing where the checkpoint was saved from the bare model and names its tensors without it. */
export function namePrefix(prefix: string, tensor: string, has: (tensor: string) => boolean): string {
  return has(tensor) && !has(`${prefix}${tensor}`) ? '' : prefix;
}

export function linear(name: string, biased: boolean): Linear {
  return { weight: `${name}.weight`, bias: biased ? `${name}.bias` : null, stored: 'out-in' };
}

export function rmsNorm(name: string): Norm {
  return { weight: `${name}.weight`, bias: null };
}

export function layerNorm(name: string): Norm {
  return { weight: `${name}.weight`, bias: `${name}.bias` };
}
