/** Factors of a change of a weight, B A: a [rank, inputs], b [outputs, rank]. */
export interface Factors {
  readonly rank: number;
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** |B A| without the product: its square is the sum over i, j of (B^T B)[i, j] (A A^T)[i, j]. */
export function frobeniusNorm({ rank, a, b }: Factors): number {
  const inputs = a.length / rank;
  let sum = 0;
  for (let i = 0; i < rank; i++)
    for (let j = 0; j < rank; j++) {
      let aa = 0;
      for (let k = 0; k < inputs; k++) aa += (a[i * inputs + k] as number) * (a[j * inputs + k] as number);
      let bb = 0;
      for (let k = 0; k < b.length; k += rank) bb += (b[k + i] as number) * (b[k + j] as number);
      sum += aa * bb;
    }
  return Math.sqrt(Math.max(0, sum));
}
