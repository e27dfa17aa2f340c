/** A matrix, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/**
 * v A for A = argmin |S A - T|^2 + ridge |A|^2, S [tokens, d_source], T [tokens, d_target], without A itself:
 * z solves (S^T S + ridge I) z = v, and v A = (S z)^T T. Float64. Null where S does not have full column rank.
 */
export function carryByLeastSquares(
  source: Matrix,
  target: Matrix,
  vector: Float64Array,
  ridge: number,
): Float64Array | null {
  const gram = gramOf(source);
  for (let i = 0; i < source.columns; i++) {
    const at = i * source.columns + i;
    gram[at] = (gram[at] as number) + ridge;
  }
  const factor = cholesky(gram, source.columns);
  if (factor === null) return null;
  const z = solve(factor, vector);
  const out = new Float64Array(target.columns);
  for (let token = 0; token < source.rows; token++) {
    let weight = 0;
    for (let i = 0; i < z.length; i++)
      weight += (source.data[token * z.length + i] as number) * (z[i] as number);
    for (let i = 0; i < out.length; i++)
      out[i] = (out[i] as number) + weight * (target.data[token * out.length + i] as number);
  }
  return out;
}

/** S^T S, [d, d]; both triangles. */
function gramOf({ rows, columns: d, data }: Matrix): Float64Array {
  const gram = new Float64Array(d * d);
  for (let token = 0; token < rows; token++) {
    const row = data.subarray(token * d, (token + 1) * d);
    for (let i = 0; i < d; i++) {
      const x = row[i] as number;
      for (let j = 0; j <= i; j++) gram[i * d + j] = (gram[i * d + j] as number) + x * (row[j] as number);
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) gram[j * d + i] = gram[i * d + j] as number;
  return gram;
}

/** A pivot this small beside the matrix's largest entry is rounding: float64 has 2e-16. */
const SINGULAR = 1e-13;

/** Lower triangle L of L L^T, or null for a matrix that is not positive definite. */
function cholesky(matrix: Float64Array, d: number): Float64Array | null {
  const lower = new Float64Array(d * d);
  let largest = 0;
  for (let i = 0; i < d; i++) largest = Math.max(largest, matrix[i * d + i] as number);
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j] as number;
      for (let k = 0; k < j; k++) sum -= (lower[i * d + k] as number) * (lower[j * d + k] as number);
      if (i !== j) lower[i * d + j] = sum / (lower[j * d + j] as number);
      else if (sum <= SINGULAR * largest) return null;
      else lower[i * d + i] = Math.sqrt(sum);
    }
  return lower;
}

/** x of L L^T x = b. */
function solve(lower: Float64Array, b: Float64Array): Float64Array {
  const d = b.length;
  const x = Float64Array.from(b);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++) x[i] = (x[i] as number) - (lower[i * d + k] as number) * (x[k] as number);
    x[i] = (x[i] as number) / (lower[i * d + i] as number);
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) x[i] = (x[i] as number) - (lower[k * d + i] as number) * (x[k] as number);
    x[i] = (x[i] as number) / (lower[i * d + i] as number);
  }
  return x;
}
