/**
 * Rows of a batch, sorted into those that are alike so far: what is computed for one row of a class holds for all of it.
 * Classes are numbered in the order of their first rows.
 */
export class RowClasses {
  /** Class of each row. */
  readonly of: readonly number[];
  /** The first row of each class. */
  readonly first: readonly number[];

  private constructor(of: readonly number[], first: readonly number[]) {
    this.of = of;
    this.first = first;
  }

  /** All rows alike. */
  static one(rows: number): RowClasses {
    return new RowClasses(new Array<number>(rows).fill(0), [0]);
  }

  get count(): number {
    return this.first.length;
  }

  /** Parts rows whose keys differ. The same object where none do. */
  split(keyOf: (row: number) => unknown): RowClasses {
    if (this.count === this.of.length) return this;
    const parts = this.first.map(() => new Map<unknown, number>());
    const first: number[] = [];
    const of = this.of.map((before, row) => {
      const part = parts[before] as Map<unknown, number>;
      const key = keyOf(row);
      const known = part.get(key);
      if (known !== undefined) return known;
      const fresh = first.push(row) - 1;
      part.set(key, fresh);
      return fresh;
    });
    return first.length === this.count ? this : new RowClasses(of, first);
  }

  /** Data of these classes, [count, …], as that of finer ones. */
  spread(data: Float32Array, finer: RowClasses): Float32Array {
    if (finer === this) return data;
    return gatherRows(
      data,
      this.count,
      finer.first.map((row) => this.of[row] as number),
    );
  }

  /** Data of these classes, [count, …], as that of the rows, [rows, …]. */
  spreadToRows(data: Float32Array): Float32Array {
    return this.count === this.of.length ? data : gatherRows(data, this.count, this.of);
  }
}

/** Rows `picked` of [rows, …], in that order; the data itself where those are all of them as they stand. */
export function gatherRows(data: Float32Array, rows: number, picked: readonly number[]): Float32Array {
  if (picked.length === rows && picked.every((row, at) => row === at)) return data;
  const size = data.length / rows;
  const out = new Float32Array(size * picked.length);
  for (const [at, row] of picked.entries()) out.set(data.subarray(row * size, (row + 1) * size), at * size);
  return out;
}
