/** Outputs dropped at the start, so that the seed has spread over the state. */
const WARM_UP = 12;

/** Random numbers that are the same on every machine for one seed: sfc32 (Doty-Humphrey). spec 07-verdict §9.1 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed 16 bytes or more; the first 16 count */
  constructor(seed: Uint8Array) {
    const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
    [this.#a, this.#b, this.#c, this.#d] = [0, 4, 8, 12].map((at) => view.getInt32(at, true)) as [
      number,
      number,
      number,
      number,
    ];
    for (let i = 0; i < WARM_UP; i++) this.next();
  }

  /** 32 bits, unsigned. */
  next(): number {
    const out = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  /** A whole number from 0 up to but not including `n`. */
  below(n: number): number {
    return Math.floor((this.next() * n) / 2 ** 32);
  }

  /** 0 to n - 1 in random order (Fisher and Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return order;
  }
}
