import { isFloating } from './dtypes.ts';
import { elementCount, type SafetensorsHeader, type TensorEntry } from './safetensors.ts';

/** Rotary tables and causal masks ([1, 1, n, n], and their fill value) that old checkpoints store. */
function isBuffer(name: string, { shape }: TensorEntry): boolean {
  if (name.endsWith('.rotary_emb.inv_freq') || /\.(?:attn|attention)\.masked_bias$/.test(name)) return true;
  return /\.(?:attn|attention)\.bias$/.test(name) && shape.length === 4;
}

/** A head that is the embedding again where they are tied, by the names families give it. */
const HEADS: ReadonlySet<string> = new Set(['lm_head.weight', 'embed_out.weight']);

/**
 * Parameters of a model from the headers of all its files. Floating tensors only, without buffers; with tied embeddings
 * a stored head is the embedding again. spec 10-artifacts §4.
 */
export function countParameters(
  headers: readonly SafetensorsHeader[],
  options: { readonly tied: boolean },
): number {
  let total = 0;
  for (const header of headers)
    for (const [name, entry] of header.tensors) {
      if (!isFloating(entry.dtype) || isBuffer(name, entry)) continue;
      if (options.tied && HEADS.has(name)) continue;
      total += elementCount(entry);
    }
  return total;
}
