/** Less is not worth the call: the collector gets it. */
const LEAST_BYTES = 2 ** 14;

/**
 * Frees an array's memory now. The collector would come for it soon, since it counts such arrays, and go through all
 * that lives each time: up to a tenth of a pass. Its owner says that nobody reads it any more.
 */
export function discard(data: Float32Array): void {
  const { buffer } = data;
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= LEAST_BYTES) buffer.transfer(0);
}
