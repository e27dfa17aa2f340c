import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { WITNESS_REQUEST_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { formatTilePath, parseTilePath } from '../../../protocols/feed/index.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import { messageId } from '../../../protocols/kinds/index.ts';
import { json, NOT_MODIFIED } from '../answers/common.ts';
import { evidenceAnswer, feedsAnswer } from '../answers/node.ts';
import type { Api } from '../api/api.ts';
import { IF_NONE_MATCH, isUnchanged, sendTagged } from '../entity-tag.ts';
import type { FeedReader } from '../feeds-port.ts';
import { nextOf, pageOf, wholeOrInPages } from '../paging.ts';
import { notFound } from '../problems.ts';

const NOTE_TYPE = 'text/plain; charset=utf-8';
const compress = promisify(gzip);

/** `z6Mk…` as in the origin, or the whole did:key. */
const feedKey = z
  .string()
  .transform((text) => (text.startsWith('did:key:') ? text : `did:key:${text}`))
  .refine((text): text is MemberKey => parseDidKey('ed25519', text) !== null, 'the key of a feed');
const feedParams = z.object({ key: feedKey });
const tileParams = feedParams.extend({ '*': z.string().meta({ description: 'Such as `0/x001/234`.' }) });
const proofParams = z.object({ id: messageId });
const policyQuery = z.object({ message: messageId.optional() });

/** Statuses of spec 14-witnesses §3.2. */
const WITNESS_ANSWERS = {
  200: { description: 'The cosignature.', content: { 'text/plain': null } },
  409: {
    description: 'Of another size: the one that was cosigned last.',
    content: { 'text/x.tlog.size': null },
  },
  422: { description: 'The consistency proof does not hold.', content: { 'text/plain': null } },
  400: { description: 'Malformed.', content: { 'text/plain': null } },
  403: { description: 'No signature of an author.', content: { 'text/plain': null } },
  404: { description: 'A feed that this witness does not know.', content: { 'text/plain': null } },
  503: { description: 'It cannot cosign now.', content: { 'text/plain': null } },
} as const;
const TEXT = { 'text/plain': null } as const;
const read = { method: 'GET', tag: 'feeds', access: 'read', headers: IF_NONE_MATCH } as const;

/** Each feed as a C2SP log (tlog-tiles), proofs of messages (tlog-proof), the witness policy (tlog-policy). spec 12-feeds §4, §5 */
export function feedRoutes(api: Api, node: FeedReader): void {
  api.serve(
    {
      ...read,
      url: '/feeds',
      id: 'getFeeds',
      summary: 'The feeds held, each with the prefix under which it is a log, all or in pages.',
      query: z.object(wholeOrInPages(feedKey)),
      answers: { 200: { description: 'Feeds.', content: json(feedsAnswer) }, 304: NOT_MODIFIED },
      refuses: ['not-found'],
    },
    ({ query, ...exchange }) => {
      const some = pageOf(node.feeds(), ({ feed }) => feed, query);
      const feeds = some.items.map((each) => ({ ...each, prefix: prefixOf(each.feed) }));
      return sendTagged(exchange, { feeds, ...nextOf(query, some) });
    },
  );
  api.serve(
    {
      ...read,
      url: '/feeds/:key/checkpoint',
      id: 'getCheckpoint',
      summary:
        'The largest head that the witness policy is content with, else the newest signed (tlog-checkpoint).',
      params: feedParams,
      answers: { 200: { description: 'A signed note.', content: TEXT }, 304: NOT_MODIFIED },
      refuses: ['not-found'],
    },
    ({ params: { key }, request, reply }) => {
      const note = node.checkpoint(key);
      if (note === null) throw notFound('checkpoint');
      return sendTagged({ request, reply: reply.type(NOTE_TYPE) }, note);
    },
  );
  api.serve(
    {
      ...read,
      url: '/feeds/:key/tile/*',
      id: 'getTile',
      summary: 'Tiles and entry bundles (tlog-tiles), partial ones too; immutable.',
      params: tileParams,
      answers: {
        200: { description: 'The tile.', content: { 'application/octet-stream': null } },
        304: NOT_MODIFIED,
      },
      refuses: ['not-found'],
    },
    async ({ params, request, reply }) => {
      const name = parseTilePath(`tile/${params['*']}`);
      if (!name.ok) throw notFound('tile');
      const bytes = node.tile(params.key, name.value);
      if (bytes === null) throw notFound('tile');
      const isPacked = name.value.level === 'entries' && takesGzip(request.headers['accept-encoding']);
      const tag = `${params.key}.${formatTilePath(name.value)}${isPacked ? '.gz' : ''}`;
      const isKnown = isUnchanged(request, reply, tag);
      // what a tile holds never changes under its path
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      if (name.value.level === 'entries') reply.header('vary', 'accept-encoding');
      if (isKnown) return reply.code(304).send();
      reply.type('application/octet-stream');
      if (!isPacked) return reply.send(Buffer.from(bytes));
      return reply.header('content-encoding', 'gzip').send(await compress(bytes));
    },
  );
  api.serve(
    {
      ...read,
      url: '/feeds/:key/evidence',
      id: 'getEvidence',
      summary: 'Messages that prove forks of the feed; none where it has not forked.',
      params: feedParams,
      answers: { 200: { description: 'Messages.', content: json(evidenceAnswer) }, 304: NOT_MODIFIED },
    },
    ({ params: { key }, ...exchange }) => {
      const messages = node.evidence(key).map((wire) => Buffer.from(wire).toString('base64'));
      return sendTagged(exchange, { messages });
    },
  );
  api.serve(
    {
      ...read,
      url: '/messages/:id.tlog-proof',
      id: 'getProof',
      summary: 'A proof of the message that anyone can check offline (tlog-proof).',
      params: proofParams,
      answers: { 200: { description: 'The proof.', content: TEXT }, 304: NOT_MODIFIED },
      refuses: ['not-found'],
    },
    ({ params: { id }, request, reply }) => {
      const proof = node.proof(id);
      if (proof === null) throw notFound('proof of this message');
      // more cosignatures may come
      return sendTagged({ request, reply: reply.type(NOTE_TYPE) }, proof);
    },
  );
  api.serve(
    {
      ...read,
      url: '/witness-policy',
      id: 'getWitnessPolicy',
      summary:
        'The witness policy of the charter in force, or of the one that governs a message (tlog-policy).',
      query: policyQuery,
      answers: { 200: { description: 'The policy.', content: TEXT }, 304: NOT_MODIFIED },
      refuses: ['not-found'],
    },
    ({ query: { message }, request, reply }) => {
      const policy = node.witnessPolicy(message ?? null);
      if (policy === null) throw notFound('message');
      return sendTagged({ request, reply: reply.type(NOTE_TYPE) }, policy);
    },
  );
}

/** The HTTP API of a witness (C2SP tlog-witness): anyone may ask, an author's signature is what lets it in. spec 14-witnesses §2, §3 */
export function witnessRoutes(app: FastifyInstance, api: Api, node: FeedReader): void {
  void app.register(async (scope) => {
    // whatever a client calls its body
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    api.serve(
      {
        method: 'POST',
        url: '/add-checkpoint',
        id: 'addCheckpoint',
        tag: 'feeds',
        access: 'open',
        summary: 'This node as a witness (tlog-witness); the body is that of spec 14-witnesses §3.',
        bodyLimitBytes: WITNESS_REQUEST_LIMIT_BYTES,
        answers: WITNESS_ANSWERS,
        refuses: ['not-found', 'request-too-large'],
      },
      ({ request, reply }) => {
        const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        const answer = node.addCheckpoint(body);
        if (answer === null) throw new OversightError('not-found', 'This node is no witness.');
        return reply
          .code(answer.status)
          .type(answer.contentType)
          .header('cache-control', 'no-store')
          .send(answer.body);
      },
      scope,
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
