import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import { KIND_LIMIT_CHARS } from '../../../protocols/base/limits.ts';
import { isPlainObject, type PlainObject } from '../../../protocols/base/plain.ts';
import { messageId } from '../../../protocols/kinds/index.ts';
import { KIND_PATTERN, type Message } from '../../../protocols/message/index.ts';
import { json, NOT_MODIFIED } from '../answers/common.ts';
import { messageAnswer } from '../answers/node.ts';
import type { Api } from '../api/api.ts';
import { IF_NONE_MATCH, isUnchanged } from '../entity-tag.ts';
import type { GatewayNode } from '../ports.ts';
import { notFound } from '../problems.ts';

const messageParams = z.object({ id: messageId });
const messageQuery = z.object({ format: z.enum(['json', 'wire']).optional() });
const draft = z.strictObject({
  kind: z.string().max(KIND_LIMIT_CHARS).regex(KIND_PATTERN, 'a kind and its version, such as finding/1'),
  body: z
    .custom<PlainObject>(isPlainObject, 'an object of text, integers, true, false, null, lists and objects')
    .meta({ type: 'object', description: 'Text, integers, true, false, null, lists and objects.' }),
});

export function messageRoutes(api: Api, node: GatewayNode): void {
  api.serve(
    {
      method: 'GET',
      url: '/messages/:id',
      id: 'getMessage',
      tag: 'messages',
      access: 'read',
      summary: 'One message: its fields, or with `application/cbor` the signed bytes.',
      params: messageParams,
      query: messageQuery,
      headers: { Accept: '`application/cbor` for the signed bytes.', ...IF_NONE_MATCH },
      answers: {
        200: {
          description: 'The message.',
          content: { ...json(messageAnswer), 'application/cbor': null },
        },
        304: NOT_MODIFIED,
      },
      refuses: ['not-found'],
    },
    ({ params, query: { format }, request, reply }) => {
      const message = node.message(params.id);
      if (message === null) throw notFound('message');
      const wantsWire = format === 'wire' || (format === undefined && prefersCbor(request.headers.accept));
      const isKnown = isUnchanged(request, reply, wantsWire ? `${params.id}.wire` : params.id);
      // a message never changes under its id
      reply.header('cache-control', 'public, max-age=31536000, immutable').header('vary', 'accept');
      if (isKnown) return reply.code(304).send();
      return wantsWire
        ? reply.type('application/cbor').send(Buffer.from(message.wire))
        : reply.send(toView(message));
    },
  );

  api.serve(
    {
      method: 'POST',
      url: '/messages',
      id: 'publishMessage',
      tag: 'messages',
      access: 'owner',
      summary: 'Signed as this member, stored durably and published.',
      body: draft,
      answers: { 201: { description: 'The message, durable here.', content: json(messageAnswer) } },
      refuses: ['message-refused', 'checkpoint-invalid', 'feed-unconfirmed', 'disk-full'],
    },
    async ({ body: { kind, body }, reply }) => {
      const published = await node.publish(kind, body);
      if (!published.ok) {
        const { reason, detail } = published;
        throw new OversightError('message-refused', `${reason}: ${detail}`, { details: { reason } });
      }
      return reply
        .code(201)
        .header('location', `/messages/${published.value.id}`)
        .send(toView(published.value));
    },
  );
}

/** The fields for people and scripts; `wire` for who checks the signature. */
function toView({ wire, ...fields }: Message) {
  return { ...fields, wire: Buffer.from(wire).toString('base64') };
}

function prefersCbor(accept: string | undefined): boolean {
  return accept?.split(',').some((range) => range.trim().split(';')[0] === 'application/cbor') ?? false;
}
