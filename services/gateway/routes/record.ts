import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  DISCOUNT_SENTENCES,
  type FederationRecord,
  OUTCOME_SENTENCES,
  REASON_SENTENCES,
  STANDING_SENTENCES,
} from '../../../protocols/record/index.ts';
import { bearingOf, REASON_CODES } from '../../../protocols/verdict/index.ts';
import type { GatewayNode } from '../ports.ts';
import { notFound } from '../problems.ts';

type View = (record: FederationRecord, id: string) => unknown;

const VIEWS: Readonly<Record<string, View>> = {
  '/record': (record) => record,
  '/record/members': ({ members }) => ({ members }),
  '/record/releases': ({ frontierReleases, analogReleases }) => ({ frontierReleases, analogReleases }),
  '/record/findings': ({ findings }) => ({ findings }),
  '/record/findings/:id': ({ findings }, id) => {
    const finding = findings.find((each) => each.id === id);
    if (finding === undefined) throw notFound('finding');
    return finding;
  },
};

const WORDING = {
  bearings: Object.fromEntries(REASON_CODES.map((code) => [code, bearingOf(code)])),
  reasons: REASON_SENTENCES,
  standings: STANDING_SENTENCES,
  outcomes: OUTCOME_SENTENCES,
  discounts: DISCOUNT_SENTENCES,
};

/** What everyone may read: the node, its charter, and the record with its digest as the entity tag. */
export function recordRoutes(app: FastifyInstance, node: GatewayNode): void {
  for (const [path, view] of Object.entries(VIEWS)) {
    app.get<{ Params: { id?: string } }>(path, async (request, reply) => {
      const { record, digest } = node.record();
      if (isUnchanged(request, reply, digest)) return reply.code(304).send();
      return reply.send(view(record, request.params.id ?? ''));
    });
  }
  app.get('/status', async (_, reply) => reply.header('cache-control', 'no-store').send(node.status()));
  app.get('/charter', async (request, reply) => {
    if (isUnchanged(request, reply, node.record().record.charter.id)) return reply.code(304).send();
    return reply.send(node.charter());
  });
  app.get('/charter/history', async (request, reply) => {
    if (isUnchanged(request, reply, node.record().record.charter.id)) return reply.code(304).send();
    return reply.send({ charters: node.charters() });
  });
  app.get('/wording', async () => WORDING);
  app.get('/health', async () => ({ status: 'ok' }));
}

function isUnchanged(request: FastifyRequest, reply: FastifyReply, digest: string): boolean {
  const tag = `"${digest}"`;
  reply.header('etag', tag).header('cache-control', 'no-cache');
  const known = request.headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, ''));
  return known?.includes(tag) ?? false;
}
