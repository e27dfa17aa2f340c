import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import { EVENT_STREAMS_LIMIT, EVENT_STREAMS_PER_ADDRESS_LIMIT } from '../../../protocols/base/limits.ts';
import { cloudEvent } from '../../../protocols/events/index.ts';
import { NOT_MODIFIED } from '../answers/common.ts';
import type { Api } from '../api/api.ts';
import { atomFeed } from '../atom.ts';
import { IF_NONE_MATCH, sendTagged } from '../entity-tag.ts';
import { type EventStreamTimes, writeEventStream } from '../event-stream.ts';
import { cursor, filterOf, filterQuery } from '../filter-query.ts';
import type { GatewayNode } from '../ports.ts';
import { parseRequest } from '../problems.ts';
import { networkOf } from '../rate-limit.ts';
import { SECURITY_HEADERS } from '../security-headers.ts';
import { Teller } from '../teller.ts';

const PAGE_LIMIT = 1_000;
const ATOM_ENTRIES = 100;

/** A browser that reconnects repeats its first address, so the header knows better. An empty one says nothing. */
const eventsHeaders = z.object({
  'last-event-id': cursor.optional().or(z.literal('').transform(() => undefined)),
});
const after = cursor.default(0).meta({ description: 'Begin after this cursor.' });
const limit = z.coerce.number().int().min(1).max(PAGE_LIMIT);

export interface EventRouteOptions {
  readonly times: EventStreamTimes;
  /** Aborts when the gateway closes: streams never end by themselves. */
  readonly closing: AbortSignal;
  readonly onFault: (error: unknown, route: string) => void;
}

/** Events as a stream, in pages, and as an Atom feed; each with the same filter. */
export function eventRoutes(api: Api, node: GatewayNode, options: EventRouteOptions): void {
  const teller = new Teller(node);
  const streams = new Streams();
  api.serve(
    {
      method: 'GET',
      url: '/events',
      id: 'streamEvents',
      tag: 'events',
      access: 'read',
      summary: 'Events as server-sent events, from a cursor on, as they come; it does not end.',
      query: filterQuery.extend({ after }),
      headers: { 'Last-Event-ID': 'A cursor, before `after`.' },
      hasHead: false,
      answers: { 200: { description: 'CloudEvents.', content: { 'text/event-stream': null } } },
      refuses: ['subscribers-exhausted'],
    },
    async ({ query, request, reply }) => {
      const resumed = parseRequest(eventsHeaders, request.headers)['last-event-id'];
      const leave = streams.enter(request);
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
      try {
        const events = teller.tellAll(node.events(resumed ?? query.after, { signal }), filterOf(query));
        await writeEventStream(response, events, options.times, { signal });
        response.end();
      } catch (error) {
        // the status line is out: the only answer left is to cut the connection, and the reader resumes
        if (!signal.aborted && !isTimeout(error)) options.onFault(error, '/events');
        response.destroy();
      } finally {
        leave();
      }
    },
  );
  api.serve(
    {
      method: 'GET',
      url: '/events/page',
      id: 'getEvents',
      tag: 'events',
      access: 'read',
      summary: 'Events that there are, in pages.',
      query: filterQuery.extend({ after, limit: limit.default(100) }),
      headers: IF_NONE_MATCH,
      answers: {
        200: {
          description: 'Events, and what `after` takes for the next page; the same while nothing has come.',
          content: { 'application/json': z.object({ events: z.array(cloudEvent), next: z.int() }) },
        },
        304: NOT_MODIFIED,
      },
    },
    ({ query, ...exchange }) => {
      const filter = filterOf(query);
      const page = node.eventPage(query.after, query.limit);
      const events = page.flatMap((event) => teller.tell(event, filter) ?? []);
      return sendTagged(exchange, { events, next: page.at(-1)?.cursor ?? query.after });
    },
  );
  api.serve(
    {
      method: 'GET',
      url: '/events.atom',
      id: 'getAtomFeed',
      tag: 'events',
      access: 'read',
      summary: 'The newest events as an Atom feed (RFC 4287).',
      query: filterQuery,
      headers: IF_NONE_MATCH,
      answers: {
        200: { description: 'The feed.', content: { 'application/atom+xml': null } },
        304: NOT_MODIFIED,
      },
    },
    ({ query, request, reply }) => {
      const filter = filterOf(query);
      const { lastEvent, federationName, member } = node.status();
      const newest = node
        .eventPage(Math.max(0, lastEvent - PAGE_LIMIT), PAGE_LIMIT)
        .flatMap((event) => teller.tell(event, filter) ?? [])
        .slice(-ATOM_ENTRIES)
        .reverse();
      const self = `${request.protocol}://${request.host}`;
      const text = atomFeed(newest, {
        title: federationName,
        node: member,
        address: self,
        path: request.url,
      });
      return sendTagged({ request, reply: reply.type('application/atom+xml; charset=utf-8') }, text);
    },
  );
}

/** Streams that are open, in all and to each address. */
class Streams {
  #open = 0;
  /** No more entries than streams. */
  readonly #openTo = new Map<string, number>();

  /** @returns what gives the place back @throws OversightError `subscribers-exhausted` */
  enter(request: FastifyRequest): () => void {
    if (this.#open >= EVENT_STREAMS_LIMIT) {
      throw new OversightError('subscribers-exhausted', 'This node serves as many event streams as it can.');
    }
    const address = networkOf(request.ip);
    const ofAddress = this.#openTo.get(address) ?? 0;
    if (ofAddress >= EVENT_STREAMS_PER_ADDRESS_LIMIT) {
      throw new OversightError('subscribers-exhausted', 'This address has as many event streams as one may.');
    }
    this.#open += 1;
    this.#openTo.set(address, ofAddress + 1);
    return () => {
      this.#open -= 1;
      const left = (this.#openTo.get(address) ?? 1) - 1;
      if (left === 0) this.#openTo.delete(address);
      else this.#openTo.set(address, left);
    };
  }
}

function isTimeout(error: unknown): boolean {
  // `once` wraps the signal's reason
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof DOMException && cause.name === 'TimeoutError';
}
