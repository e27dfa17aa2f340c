import { isAbsolute } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { OwnerCheck } from '../owner.ts';
import type { GatewayNode } from '../ports.ts';
import { parseRequest } from '../problems.ts';
import { sendLines } from '../progress-lines.ts';

const release = z.strictObject({
  directory: z.string().max(4_096).refine(isAbsolute, "an absolute path on the node's machine"),
  /** Of the model, inside the signature. */
  name: z.string().min(1).max(200),
});

/** Signs and adds a checkpoint, for the owner; told as it goes on, last `{added}`. */
export function releaseRoutes(
  app: FastifyInstance,
  node: GatewayNode,
  owner: OwnerCheck,
  closing: AbortSignal,
): void {
  app.post('/releases', { onRequest: owner }, async (request, reply) => {
    const asked = parseRequest(release, request.body);
    return sendLines(reply, closing, async (watched) => ({ added: await node.addRelease(asked, watched) }));
  });
}
