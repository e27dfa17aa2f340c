/** Index of the largest logit; the first of equals, as PyTorch and NumPy choose. */
export function topToken(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] as number) > (logits[best] as number)) best = i;
  return best;
}

/** Natural log-probability of the most likely token and its lead over the second, in float64. */
export function readFirstToken(logits: Float32Array): { readonly logProb: number; readonly margin: number } {
  const best = topToken(logits);
  const top = logits[best] as number;
  let sum = 0;
  let second = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] as number;
    sum += Math.exp(logit - top);
    if (i !== best && logit > second) second = logit;
  }
  return { logProb: -Math.log(sum), margin: logits.length > 1 ? top - second : 0 };
}
