import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { contentId } from '../../../protocols/kinds/index.ts';
import { copiesOf } from '../../../protocols/record/index.ts';
import type { OwnerCheck } from '../owner.ts';
import type { GatewayNode } from '../ports.ts';
import { parseRequest } from '../problems.ts';
import { sendLines } from '../progress-lines.ts';

/** `until` in milliseconds since 1970; null takes the promise back. */
const promise = z.strictObject({ cid: contentId, until: z.int().min(0).nullable() });
const collection = z.strictObject({ dryRun: z.boolean() });
const date = z.strictObject({ at: z.coerce.number().int().min(0).optional() });

/** Promises to keep checkpoints, the copies that they are, and what may go because nobody is promised it. */
export function pinRoutes(
  app: FastifyInstance,
  node: GatewayNode,
  owner: OwnerCheck,
  closing: AbortSignal,
): void {
  app.get('/copies', async (request) => {
    const { at = Date.now() } = parseRequest(date, request.query);
    const { record } = node.record();
    const releases = [...record.frontierReleases, ...record.analogReleases].flatMap(
      ({ id, author, checkpoint }) =>
        checkpoint === null
          ? []
          : { release: id, checkpoint, ...copiesOf(record, { author, checkpoint }, at) },
    );
    return { at, releases };
  });
  app.post('/pins', { onRequest: owner }, async (request, reply) => {
    const { cid, until } = parseRequest(promise, request.body);
    return sendLines(reply, closing, async (watched) => ({
      message: until === null ? await node.unpin(cid) : await node.pin({ cid, until }, watched),
    }));
  });
  app.post('/gc', { onRequest: owner }, async (request) => {
    const { dryRun } = parseRequest(collection, request.body);
    return { dryRun, collected: await node.collectGarbage({ dryRun, signal: closing }) };
  });
}
