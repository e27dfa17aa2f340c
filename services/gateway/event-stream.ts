import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { CloudEvent } from '../../protocols/events/index.ts';

export interface EventStreamTimes {
  /** A comment after this much silence, so that proxies and readers know the stream lives. */
  readonly heartbeatMs: number;
  /** A reader that takes nothing for this long is cut off; it resumes from its cursor. */
  readonly stallMs: number;
  /** How long a reader should wait before it connects again. */
  readonly retryMs: number;
}

/** Heartbeat below the 30 s at which common proxies give up; retry short, as a resumed stream costs little. */
export const EVENT_STREAM_TIMES: EventStreamTimes = { heartbeatMs: 15_000, stallMs: 60_000, retryMs: 2_000 };

/**
 * Writes events as server-sent events until they end or the signal aborts. Takes the next event only when the reader
 * has room for it, so that a slow reader costs one buffer and no more.
 */
export async function writeEventStream(
  response: ServerResponse,
  events: AsyncIterable<CloudEvent>,
  times: EventStreamTimes,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain && !response.destroyed) response.write(':\n\n');
  }, times.heartbeatMs);
  try {
    response.write(`retry: ${times.retryMs}\n\n`);
    for await (const event of events) {
      if (signal.aborted) return;
      if (!response.write(toFrame(event))) await drained(response, times.stallMs, signal);
    }
  } finally {
    clearInterval(heartbeat);
  }
}

/** No `event:` line: a plain EventSource gets every type, as the type is in the data. */
function toFrame(event: CloudEvent): string {
  return `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** @throws the signal's reason when the reader goes, or a TimeoutError when it takes nothing for too long. */
async function drained(response: ServerResponse, stallMs: number, signal: AbortSignal): Promise<void> {
  await once(response, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(stallMs)]) });
}
