import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** As routes with entity tags describe it. */
export const IF_NONE_MATCH = {
  'If-None-Match': 'An entity tag; where nothing has changed the answer is 304.',
} as const;

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Marks the answer with the tag of what it holds. @returns whether the asker has it already */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, digest: string): boolean {
  return hasTag(request, reply, `"${digest}"`);
}

/**
 * The same for an answer that also says when it was asked for: a weak tag of what it says but for that, so that nothing is
 * sent twice while time alone has passed.
 */
export function isUnchangedSince({ request, reply }: Exchange, timeless: unknown): boolean {
  return hasTag(request, reply, `W/"${digestOf(JSON.stringify(timeless))}"`);
}

/** Sends text, or a value as JSON, with a tag of its bytes; 304 where the asker has them. */
export function sendTagged({ request, reply }: Exchange, answer: unknown): FastifyReply {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  if (isUnchanged(request, reply, digestOf(text))) return reply.code(304).send();
  if (typeof answer !== 'string') reply.type('application/json; charset=utf-8');
  return reply.send(text);
}

/** Sends a value that says when it was asked for, `at`: see {@link isUnchangedSince}. @param timeless it without its times */
export function sendDated(exchange: Exchange, answer: object, timeless: unknown): FastifyReply {
  if (isUnchangedSince(exchange, timeless)) return exchange.reply.code(304).send();
  return exchange.reply.send(answer);
}

function hasTag(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  reply.header('etag', tag).header('cache-control', 'no-cache');
  const known = request.headers['if-none-match']?.split(',').map((each) => opaque(each.trim()));
  // RFC 9110 §13.1.2: weak comparison
  return known?.some((each) => each === '*' || each === opaque(tag)) ?? false;
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
