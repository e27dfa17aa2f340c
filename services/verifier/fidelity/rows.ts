/** One row an item, [count, width], row-major. */
export interface Rows {
  readonly count: number;
  readonly width: number;
  readonly data: Float64Array;
}

/** Each row less the mean row. */
export function centre({ count, width, data }: Rows): Rows {
  const mean = new Float64Array(width);
  for (let i = 0; i < data.length; i++)
    mean[i % width] = (mean[i % width] as number) + (data[i] as number) / count;
  return { count, width, data: data.map((x, i) => x - (mean[i % width] as number)) };
}

/** Each row at length 1; a row of zeros stays. */
export function normalise({ count, width, data }: Rows): Rows {
  const out = new Float64Array(data);
  for (let i = 0; i < count; i++) {
    const row = out.subarray(i * width, (i + 1) * width);
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    if (length > 0) for (let j = 0; j < width; j++) row[j] = (row[j] as number) / length;
  }
  return { count, width, data: out };
}

/** Scalar products of all pairs of rows, [count, count]. */
export function products({ count, width, data }: Rows): Float64Array {
  const out = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++)
        sum += (data[i * width + k] as number) * (data[j * width + k] as number);
      out[i * count + j] = sum;
      out[j * count + i] = sum;
    }
  return out;
}
