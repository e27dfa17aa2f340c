import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import { KIND_LIMIT_CHARS } from '../../../protocols/base/limits.ts';
import { isPlainObject, type PlainObject } from '../../../protocols/base/plain.ts';
import { messageId } from '../../../protocols/kinds/index.ts';
import { KIND_PATTERN, type Message } from '../../../protocols/message/index.ts';
import type { OwnerCheck } from '../owner.ts';
import type { GatewayNode } from '../ports.ts';
import { notFound, parseRequest } from '../problems.ts';

const messageParams = z.object({ id: messageId });
const messageQuery = z.object({ format: z.enum(['json', 'wire']).optional() });
const draft = z.strictObject({
  kind: z.string().max(KIND_LIMIT_CHARS).regex(KIND_PATTERN, 'a kind and its version, such as finding/1'),
  body: z.custom<PlainObject>(
    isPlainObject,
    'an object of text, integers, true, false, null, lists and objects',
  ),
});

export function messageRoutes(app: FastifyInstance, node: GatewayNode, owner: OwnerCheck): void {
  app.get('/messages/:id', async (request, reply) => {
    const { id } = parseRequest(messageParams, request.params);
    const { format } = parseRequest(messageQuery, request.query);
    const message = node.message(id);
    if (message === null) throw notFound('message');
    // a message never changes under its id
    reply.header('cache-control', 'public, max-age=31536000, immutable').header('vary', 'accept');
    const wantsWire = format === 'wire' || (format === undefined && prefersCbor(request.headers.accept));
    return wantsWire
      ? reply.type('application/cbor').send(Buffer.from(message.wire))
      : reply.send(toView(message));
  });

  app.post('/messages', { onRequest: owner }, async (request, reply) => {
    const { kind, body } = parseRequest(draft, request.body);
    const published = await node.publish(kind, body);
    if (!published.ok) {
      const { reason, detail } = published;
      throw new OversightError('message-refused', `${reason}: ${detail}`, { details: { reason } });
    }
    return reply
      .code(201)
      .header('location', `/messages/${published.value.id}`)
      .send(toView(published.value));
  });
}

/** The fields for people and scripts; `wire` for who checks the signature. */
function toView({ wire, ...fields }: Message) {
  return { ...fields, wire: Buffer.from(wire).toString('base64') };
}

function prefersCbor(accept: string | undefined): boolean {
  return accept?.split(',').some((range) => range.trim().split(';')[0] === 'application/cbor') ?? false;
}
