import { isAbsolute } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { OwnerCheck } from '../owner.ts';
import type { GatewayNode } from '../ports.ts';
import { parseRequest } from '../problems.ts';

const addition = z.strictObject({
  directory: z.string().max(4_096).refine(isAbsolute, "an absolute path on the node's machine"),
});

/** Directories into the store, for the owner. */
export function contentRoutes(
  app: FastifyInstance,
  node: GatewayNode,
  owner: OwnerCheck,
  closing: AbortSignal,
): void {
  app.post('/content', { onRequest: owner }, async (request, reply) => {
    const { directory } = parseRequest(addition, request.body);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const added = await node.addContent(directory, { signal: AbortSignal.any([gone.signal, closing]) });
    if (!added.ok) {
      const { reason, detail } = added;
      throw new OversightError('request-refused', `${reason}: ${detail}`, { details: { reason } });
    }
    return reply.code(201).send(added.value);
  });
}
