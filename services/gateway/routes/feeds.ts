import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { WITNESS_REQUEST_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { parseTilePath } from '../../../protocols/feed/index.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import { messageId } from '../../../protocols/kinds/index.ts';
import type { FeedReader } from '../feeds-port.ts';
import { notFound, parseRequest } from '../problems.ts';

const NOTE_TYPE = 'text/plain; charset=utf-8';
const compress = promisify(gzip);

/** `z6Mk…` as in the origin, or the whole did:key. */
const feedKey = z
  .string()
  .transform((text) => (text.startsWith('did:key:') ? text : `did:key:${text}`))
  .refine((text): text is MemberKey => parseDidKey('ed25519', text) !== null, 'the key of a feed');
const feedParams = z.object({ key: feedKey });
const proofParams = z.object({ id: messageId });
const policyQuery = z.object({ message: messageId.optional() });

/** Each feed as a C2SP log (tlog-tiles), proofs of messages (tlog-proof), the witness policy (tlog-policy). spec 12-feeds §4, §5 */
export function feedRoutes(app: FastifyInstance, node: FeedReader): void {
  app.get('/feeds', async (_, reply) =>
    reply
      .header('cache-control', 'no-cache')
      .send({ feeds: node.feeds().map((each) => ({ ...each, prefix: prefixOf(each.feed) })) }),
  );

  app.get('/feeds/:key/checkpoint', async (request, reply) => {
    const { key } = parseRequest(feedParams, request.params);
    const note = node.checkpoint(key);
    if (note === null) throw notFound('checkpoint');
    return reply.type(NOTE_TYPE).header('cache-control', 'no-cache').send(note);
  });

  app.get<{ Params: { '*': string } }>('/feeds/:key/tile/*', async (request, reply) => {
    const { key } = parseRequest(feedParams, request.params);
    const name = parseTilePath(`tile/${request.params['*']}`);
    if (!name.ok) throw notFound('tile');
    const bytes = node.tile(key, name.value);
    if (bytes === null) throw notFound('tile');
    // what a tile holds never changes under its path
    reply.type('application/octet-stream').header('cache-control', 'public, max-age=31536000, immutable');
    if (name.value.level !== 'entries') return reply.send(Buffer.from(bytes));
    reply.header('vary', 'accept-encoding');
    if (!takesGzip(request.headers['accept-encoding'])) return reply.send(Buffer.from(bytes));
    return reply.header('content-encoding', 'gzip').send(await compress(bytes));
  });

  app.get('/feeds/:key/evidence', async (request, reply) => {
    const { key } = parseRequest(feedParams, request.params);
    const messages = node.evidence(key).map((wire) => Buffer.from(wire).toString('base64'));
    return reply.header('cache-control', 'no-cache').send({ messages });
  });

  app.get('/messages/:id.tlog-proof', async (request, reply) => {
    const { id } = parseRequest(proofParams, request.params);
    const proof = node.proof(id);
    if (proof === null) throw notFound('proof of this message');
    // more cosignatures may come
    return reply.type(NOTE_TYPE).header('cache-control', 'no-cache').send(proof);
  });

  app.get('/witness-policy', async (request, reply) => {
    const { message } = parseRequest(policyQuery, request.query);
    const policy = node.witnessPolicy(message ?? null);
    if (policy === null) throw notFound('message');
    return reply.type(NOTE_TYPE).header('cache-control', 'no-cache').send(policy);
  });
}

/** The HTTP API of a witness (C2SP tlog-witness): anyone may ask, an author's signature is what lets it in. spec 14-witnesses §2, §3 */
export function witnessRoutes(app: FastifyInstance, node: FeedReader): void {
  void app.register(async (scope) => {
    // whatever a client calls its body
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post(
      '/add-checkpoint',
      { bodyLimit: WITNESS_REQUEST_LIMIT_BYTES, exposeHeadRoute: false },
      async (request, reply) => {
        const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        const answer = node.addCheckpoint(body);
        if (answer === null) throw new OversightError('not-found', 'This node is no witness.');
        return reply
          .code(answer.status)
          .type(answer.contentType)
          .header('cache-control', 'no-store')
          .send(answer.body);
      },
    );
  });
}

function prefixOf(feed: MemberKey): string {
  return `/feeds/${feed.slice('did:key:'.length)}`;
}

function takesGzip(accept: string | undefined): boolean {
  return (
    accept?.split(',').some((each) => {
      const [coding = '', ...weights] = each.trim().split(';');
      return coding.toLowerCase() === 'gzip' && !weights.some((weight) => /^\s*q=0(\.0*)?$/.test(weight));
    }) ?? false
  );
}
