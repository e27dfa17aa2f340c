import { decode, encode } from 'it-length-prefixed';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import type { Sendable } from './stream-host.ts';

/** Bytes of the length prefix (unsigned varint) of any frame we accept. */
const PREFIX_LIMIT_BYTES = 4;

/** An unsigned varint length, then the bytes, not copied. spec 11-network §4.1. */
export function encodeFrame(frame: Uint8Array): Exclude<Sendable, Uint8Array> {
  return encode.single(frame);
}

/** Frames in order. @throws OversightError peer-failed when a frame is over the limit or cut short */
export async function* decodeFrames(
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const frame of decode(source, {
      maxDataLength: limitBytes,
      maxLengthLength: PREFIX_LIMIT_BYTES,
    })) {
      yield frame.subarray();
    }
  } catch (cause) {
    if (cause instanceof OversightError) throw cause;
    throw new OversightError('peer-failed', `the peer broke off or sent a bad frame: ${messageOf(cause)}`, {
      cause,
    });
  }
}
