import { setTimeout as delay } from 'node:timers/promises';
import { OversightError } from '../../protocols/base/errors.ts';
import { type CloudEvent, cloudEvent } from '../../protocols/events/index.ts';
import type { NodeClient } from './node-client.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
/** One event: facts are bounded by the message they come from. */
const EVENT_LIMIT_CHARS = 262_144;

export interface ReadOptions {
  readonly after: number;
  /** Event types without their prefix; empty for all. */
  readonly types: readonly string[];
  readonly signal: AbortSignal;
  readonly onReconnect: (error: unknown) => void;
}

/**
 * A node's events, each once, from the cursor on; reconnects for as long as it was connected once.
 * Ends when the signal aborts. @throws OversightError of the first connection
 */
export async function* readEvents(client: NodeClient, options: ReadOptions): AsyncIterable<CloudEvent> {
  let cursor = options.after;
  let retryMs = 0;
  while (!options.signal.aborted) {
    try {
      const query = new URLSearchParams({ after: String(cursor) });
      if (options.types.length > 0) query.set('type', options.types.join(','));
      const stream = await client.openEvents(query);
      retryMs = FIRST_RETRY_MS;
      for await (const event of parseEvents(stream)) {
        cursor = Number(event.id);
        yield event;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      // never connected, or refused: asking again would not help
      if (retryMs === 0 || isRefusal(error)) throw error;
      options.onReconnect(error);
    }
    await delay(retryMs, undefined, { signal: options.signal }).catch(() => {}); // the loop sees the signal
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  }
}

/** Server-sent events (WHATWG HTML §9.2) as our gateway writes them: one `data:` line an event, comments between. */
async function* parseEvents(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncIterable<CloudEvent> {
  let buffer = '';
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    buffer += chunk;
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const event = parseFrame(buffer.slice(0, end));
      buffer = buffer.slice(end + 2);
      if (event !== null) yield event;
    }
    if (buffer.length > EVENT_LIMIT_CHARS) throw notEvents('an event is too large');
  }
}

function parseFrame(frame: string): CloudEvent | null {
  const data = frame
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trimStart())
    .join('\n');
  if (data === '') return null; // a comment, or the retry time
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw notEvents('an event is not JSON');
  }
  const parsed = cloudEvent.safeParse(value);
  if (!parsed.success) throw notEvents('an event is not a CloudEvent');
  return parsed.data;
}

function notEvents(what: string): OversightError {
  return new OversightError('request-refused', `this is not a node's event stream: ${what}`);
}

/** The node answered and will answer the same again. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof OversightError &&
    error.code !== 'node-unreachable' &&
    error.code !== 'subscribers-exhausted'
  );
}
