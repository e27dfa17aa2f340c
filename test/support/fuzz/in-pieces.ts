import { pickBelow } from '../seed.ts';

/** What a stream is cut into on its way: the same bytes, however they arrive. */
export async function* inPieces(bytes: Uint8Array, random: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + pickBelow(random, random() < 0.5 ? 9 : 400);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
