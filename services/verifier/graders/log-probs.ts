/** log(sum(exp(x))) over all, in float64. */
export function logSumExp(values: ArrayLike<number>): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i] as number);
  if (top === Number.NEGATIVE_INFINITY) return top;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] as number) - top);
  return top + Math.log(sum);
}

/** Natural log of the probability of one token. */
export function logProbOf(logits: Float32Array, token: number): number {
  return (logits[token] as number) - logSumExp(logits);
}

/** KL(p || q) in nats of the distributions that two rows of logits give; never below 0. */
export function klDivergence(p: Float32Array, q: Float32Array): number {
  const [logP, logQ] = [logSumExp(p), logSumExp(q)];
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const here = (p[i] as number) - logP;
    sum += Math.exp(here) * (here - ((q[i] as number) - logQ));
  }
  return Math.max(0, sum);
}
