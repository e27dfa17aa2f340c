import { BLOCK_LIMIT_BYTES } from '../block.ts';

/** A frame is its length in 4 bytes, big-endian, then that many bytes. */
const PREFIX_BYTES = 4;
/** The largest frame: one status byte and a block. */
export const FRAME_LIMIT_BYTES = BLOCK_LIMIT_BYTES + 1;

export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** The prefix and the first bytes of a frame in one buffer; the rest of the frame may follow in further writes. */
export function frameHead(lengthBytes: number, ...first: readonly number[]): Uint8Array {
  const head = new Uint8Array(PREFIX_BYTES + first.length);
  new DataView(head.buffer).setUint32(0, lengthBytes);
  head.set(first, PREFIX_BYTES);
  return head;
}

/**
 * Cuts a byte stream into frames of at most `limitBytes`. A longer one is refused by its prefix, before a buffer for it
 * exists. Each frame is a buffer of its own, or lies in `into` until the next. @throws FrameError
 */
export async function* readFrames(
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
  into: Uint8Array | null = null,
): AsyncGenerator<Uint8Array> {
  const prefix = new Uint8Array(PREFIX_BYTES);
  let target: Uint8Array = prefix;
  let have = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(chunk.length - at, target.length - have);
      target.set(chunk.subarray(at, at + taken), have);
      at += taken;
      have += taken;
      if (have < target.length) continue;
      have = 0;
      if (target !== prefix) {
        yield target;
        target = prefix;
        continue;
      }
      const length = new DataView(prefix.buffer).getUint32(0);
      if (length === 0 || length > limitBytes) throw new FrameError(`a frame of ${length} bytes`);
      target = into !== null && length <= into.length ? into.subarray(0, length) : new Uint8Array(length);
    }
  }
  if (have > 0 || target !== prefix) throw new FrameError('the stream ends inside a frame');
}
