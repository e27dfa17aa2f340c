import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import { EVENT_STREAMS_LIMIT, EVENT_STREAMS_PER_ADDRESS_LIMIT } from '../../../protocols/base/limits.ts';
import {
  type CloudEvent,
  EVENT_TYPES,
  type EventType,
  type NodeEvent,
  toCloudEvent,
} from '../../../protocols/events/index.ts';
import { isKind, messageId } from '../../../protocols/kinds/index.ts';
import { type EventStreamTimes, writeEventStream } from '../event-stream.ts';
import type { GatewayNode } from '../ports.ts';
import { parseRequest } from '../problems.ts';
import { networkOf } from '../rate-limit.ts';
import { SECURITY_HEADERS } from '../security-headers.ts';

const cursor = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,14})$/, 'a whole number')
  .transform(Number);
const eventsQuery = z.object({
  after: cursor.default(0),
  /** Types without their prefix, separated by commas. */
  type: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(EVENT_TYPES)))
    .default([...EVENT_TYPES]),
});
/** A browser that reconnects repeats its first address, so the header knows better. An empty one says nothing. */
const eventsHeaders = z.object({
  'last-event-id': cursor.optional().or(z.literal('').transform(() => undefined)),
});

export interface EventRouteOptions {
  readonly times: EventStreamTimes;
  /** Aborts when the gateway closes: streams never end by themselves. */
  readonly closing: AbortSignal;
  readonly onFault: (error: unknown, route: string) => void;
}

export function eventRoutes(app: FastifyInstance, node: GatewayNode, options: EventRouteOptions): void {
  let open = 0;
  /** Streams of each address; no more entries than streams. */
  const openTo = new Map<string, number>();
  app.get('/events', { exposeHeadRoute: false }, async (request, reply) => {
    const { after, type: types } = parseRequest(eventsQuery, request.query);
    const resumed = parseRequest(eventsHeaders, request.headers)['last-event-id'];
    if (open >= EVENT_STREAMS_LIMIT) {
      throw new OversightError('subscribers-exhausted', 'This node serves as many event streams as it can.');
    }
    const address = networkOf(request.ip);
    const ofAddress = openTo.get(address) ?? 0;
    if (ofAddress >= EVENT_STREAMS_PER_ADDRESS_LIMIT) {
      throw new OversightError('subscribers-exhausted', 'This address has as many event streams as one may.');
    }
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, options.closing]);
    const response = reply.hijack().raw;
    response.once('close', () => gone.abort());
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // nginx would hold events back
    });
    open += 1;
    openTo.set(address, ofAddress + 1);
    try {
      const events = node.events(resumed ?? after, { signal });
      await writeEventStream(response, toCloudEvents(node, events, new Set(types)), options.times, {
        signal,
      });
      response.end();
    } catch (error) {
      // the status line is out: the only answer left is to cut the connection, and the reader resumes
      if (!signal.aborted && !isTimeout(error)) options.onFault(error, '/events');
      response.destroy();
    } finally {
      open -= 1;
      const left = (openTo.get(address) ?? 1) - 1;
      if (left === 0) openTo.delete(address);
      else openTo.set(address, left);
    }
  });
}

async function* toCloudEvents(
  node: GatewayNode,
  events: AsyncIterable<NodeEvent>,
  types: ReadonlySet<EventType>,
): AsyncIterable<CloudEvent> {
  const source = node.status().member;
  // of all versions: events tell of keys that have gone, too
  const members = new Map(
    node
      .charters()
      .flatMap(({ document }) => document.members.map(({ keys, name }) => [keys.signing, name] as const)),
  );
  for await (const event of events) {
    if (!types.has(event.type)) continue;
    const names = { author: members.get(event.author) ?? null, finding: titleOf(node, event) };
    yield toCloudEvent(event, source, names);
  }
}

function titleOf(node: GatewayNode, { data }: NodeEvent): string | null {
  const id = messageId.safeParse(data['finding']);
  const message = id.success ? node.message(id.data) : null;
  return message !== null && isKind(message, 'finding/1') ? message.body.title : null;
}

function isTimeout(error: unknown): boolean {
  // `once` wraps the signal's reason
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof DOMException && cause.name === 'TimeoutError';
}
