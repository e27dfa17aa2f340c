import fastify, { type FastifyInstance } from 'fastify';
import { hasErrno, OversightError } from '../../protocols/base/errors.ts';
import { HTTP_BODY_LIMIT_BYTES } from '../../protocols/base/limits.ts';
import { Api } from './api/api.ts';
import { EVENT_STREAM_TIMES, type EventStreamTimes } from './event-stream.ts';
import type { Metric } from './metrics.ts';
import { type ReadGuard, requireOwner, requireReader, tokenCheck } from './owner.ts';
import type { GatewayNode } from './ports.ts';
import { sendProblem, toProblem } from './problems.ts';
import { RATE_LIMIT, RateLimit, type RateLimitOptions } from './rate-limit.ts';
import { contentRoutes } from './routes/content.ts';
import { documentRoutes } from './routes/documents.ts';
import { eventRoutes } from './routes/events.ts';
import { feedRoutes, witnessRoutes } from './routes/feeds.ts';
import { healthRoutes } from './routes/health.ts';
import { messageRoutes } from './routes/messages.ts';
import { metricRoutes } from './routes/metrics.ts';
import { oversightRoutes } from './routes/oversight.ts';
import { overviewRoutes } from './routes/overview.ts';
import { pageRoutes } from './routes/page.ts';
import { pinRoutes } from './routes/pins.ts';
import { recordRoutes } from './routes/record.ts';
import { releaseRoutes } from './routes/releases.ts';
import { subscriptionRoutes } from './routes/subscriptions.ts';
import { isContentPath, trustlessRoutes } from './routes/trustless.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** A request that has not arrived in full by then is dropped. Answers may take longer: a large directory is hashed. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface GatewayOptions {
  /** Bearer token of the node's owner, 32 characters or more. */
  readonly token: string;
  /** Default `open`: anyone reads. */
  readonly reads?: ReadGuard;
  /** Default 127.0.0.1: reaching further is the operator's decision. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly eventStreamTimes?: EventStreamTimes;
  /** Told of failures that callers see only as `internal-failure`. */
  readonly onFault?: (error: unknown, route: string) => void;
  /** What `GET /metrics` tells of the node beside the gateway's own measures. */
  readonly measure?: () => Promise<readonly Metric[]>;
  readonly rateLimit?: RateLimitOptions;
}

export interface Gateway extends AsyncDisposable {
  /** Where it listens, such as `http://127.0.0.1:7710`. */
  readonly url: string;
}

/** Serves the node over HTTP until disposed. @throws OversightError `port-in-use`, `permission-denied`, `config-invalid` */
export async function createGateway(node: GatewayNode, options: GatewayOptions): Promise<Gateway> {
  const app = await buildGateway(node, options);
  const host = options.host ?? '127.0.0.1';
  try {
    await app.listen({ host, port: options.port });
  } catch (error) {
    await app.close();
    throw listenError(error, host, options.port);
  }
  return { url: urlOf(app, host), [Symbol.asyncDispose]: () => app.close() };
}

/** The routes without a port, for tests to inject into. */
export async function buildGateway(
  node: GatewayNode,
  options: Pick<GatewayOptions, 'token' | 'reads' | 'eventStreamTimes' | 'onFault' | 'measure' | 'rateLimit'>,
): Promise<FastifyInstance> {
  const closing = new AbortController();
  const onFault = options.onFault ?? (() => {});
  const isOwner = tokenCheck([options.token]);
  const reads = options.reads ?? 'open';
  const read = requireReader(reads, options.token);
  const rates = new RateLimit(options.rateLimit ?? RATE_LIMIT);
  const app = fastify({
    bodyLimit: HTTP_BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    // a proxy on this machine says whom it speaks for; anyone else's word on that counts for nothing
    trustProxy: 'loopback',
    frameworkErrors: (error, _request, reply) => sendProblem(reply, error),
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (!isOwner(request) && !isContentPath(request.url)) rates.check(request);
  });
  app.addHook('preClose', async () => closing.abort());
  app.setErrorHandler((error, request, reply) => {
    if (toProblem(error).status === 500) onFault(error, request.routeOptions.url ?? 'unknown');
    return sendProblem(reply, error);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, new OversightError('not-found', 'This node serves nothing at this address.')),
  );
  const api = new Api(app, { owner: requireOwner(isOwner), read });
  recordRoutes(api, node);
  overviewRoutes(api, node);
  messageRoutes(api, node);
  oversightRoutes(api, node);
  feedRoutes(api, node.logs);
  witnessRoutes(app, api, node.logs);
  contentRoutes(api, node, closing.signal);
  releaseRoutes(api, node, closing.signal);
  pinRoutes(api, node, closing.signal);
  trustlessRoutes(api, node);
  eventRoutes(api, node, {
    times: options.eventStreamTimes ?? EVENT_STREAM_TIMES,
    closing: closing.signal,
    onFault,
  });
  metricRoutes(api, async () => [...((await options.measure?.()) ?? []), ...gatewayMetrics(rates)]);
  subscriptionRoutes(api, node);
  healthRoutes(api, node);
  const { version, federation } = node.status();
  documentRoutes(api, { version, federation, reads: reads === 'open' ? 'open' : 'token' });
  await pageRoutes(app, read);
  return app;
}

function gatewayMetrics({ refused }: RateLimit): readonly Metric[] {
  return [
    {
      name: 'oversight_http_requests_refused_total',
      help: 'Requests of addresses that ask too often.',
      type: 'counter',
      samples: [{ value: refused }],
    },
  ];
}

function listenError(error: unknown, host: string, port: number): OversightError {
  if (hasErrno(error, 'EADDRINUSE')) {
    return new OversightError(
      'port-in-use',
      `Port ${port} on ${host} is taken; choose another gateway port.`,
      {
        cause: error,
      },
    );
  }
  if (hasErrno(error, 'EACCES')) {
    return new OversightError('permission-denied', `This user may not listen on port ${port}.`, {
      cause: error,
    });
  }
  return new OversightError('config-invalid', `The gateway cannot listen on ${host}:${port}.`, {
    cause: error,
  });
}

/** An address to open: a node that listens everywhere is reached here by loopback. */
function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
