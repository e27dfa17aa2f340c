import type { Stream } from '@libp2p/interface';
import { OversightError } from '../../../protocols/base/errors.ts';
import { throwIfStopped, untilStopped } from '../deadline.ts';
import type { PeerRef } from '../transport.ts';
import type { DuplexStream } from './stream-host.ts';

/** Read ahead of the consumer before the peer is told to pause. libp2p's own iterator never pauses, so a slow reader would hold everything. */
const READ_AHEAD_BYTES = 262_144;
/** One `send`: larger writes gave no more throughput and hold memory longer. */
const SEND_BYTES = 262_144;
const CLOSE_TIMEOUT_MS = 10_000;

/** Wraps a libp2p stream at once, before anything can arrive unseen. The stream is aborted when `signal` fires. */
export function duplexOf(stream: Stream, peer: PeerRef, signal: AbortSignal): DuplexStream {
  const queue: Uint8Array[] = [];
  let queued = 0;
  let ended = false;
  let failure: Error | null = null;
  let wake = () => {};

  const abort = (error: Error) => stream.abort(error);
  const onSignal = () => abort(new OversightError('cancelled', 'the stream was cancelled'));
  stream.addEventListener('message', (event) => {
    const chunk = event.data.subarray();
    queue.push(chunk);
    queued += chunk.length;
    if (queued >= READ_AHEAD_BYTES && stream.readStatus === 'readable') stream.pause();
    wake();
  });
  stream.addEventListener('end', () => {
    ended = true;
    wake();
  });
  stream.addEventListener('close', (event) => {
    signal.removeEventListener('abort', onSignal);
    if (event.error !== undefined) failure = event.error;
    if (event.error !== undefined || stream.readBufferLength === 0) ended = true;
    wake();
  });
  if (signal.aborted) onSignal();
  else signal.addEventListener('abort', onSignal, { once: true });
  if (stream.readableEnded) ended = true;

  async function* source(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = queue.shift();
      if (chunk !== undefined) {
        queued -= chunk.length;
        if (queued < READ_AHEAD_BYTES && stream.readStatus === 'paused') stream.resume();
        yield chunk;
        continue;
      }
      if (failure !== null) throw failure;
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    peer,
    source: { [Symbol.asyncIterator]: source },
    async write(bytes, options) {
      for (let at = 0; at < bytes.length; at += SEND_BYTES) {
        throwIfStopped(options.signal);
        const end = Math.min(at + SEND_BYTES, bytes.length);
        stream.send(bytes instanceof Uint8Array ? bytes.subarray(at, end) : bytes.sublist(at, end));
        await drained(stream, options.signal);
      }
    },
    async closeWrite() {
      await stream.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) });
    },
    abort,
  };
}

/** Waits until libp2p has passed on what we sent. Its own `onDrain` resolves at once after the first time (3.3). */
async function drained(stream: Stream, signal: AbortSignal): Promise<void> {
  while (stream.writeBufferLength > 0 && stream.writeStatus === 'writable') {
    const settled = Promise.withResolvers<void>();
    const wake = () => settled.resolve();
    for (const event of ['drain', 'idle', 'close'] as const)
      stream.addEventListener(event, wake, { once: true });
    try {
      await untilStopped(settled.promise, signal);
    } finally {
      for (const event of ['drain', 'idle', 'close'] as const) stream.removeEventListener(event, wake);
    }
  }
}
