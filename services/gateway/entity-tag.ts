import type { FastifyReply, FastifyRequest } from 'fastify';

/** As routes with entity tags describe it. */
export const IF_NONE_MATCH = {
  'If-None-Match': 'An entity tag; where nothing has changed the answer is 304.',
} as const;

/** Marks the answer with the tag of what it holds. @returns whether the asker has it already */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, digest: string): boolean {
  const tag = `"${digest}"`;
  reply.header('etag', tag).header('cache-control', 'no-cache');
  const known = request.headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, ''));
  return known?.includes(tag) ?? false;
}
