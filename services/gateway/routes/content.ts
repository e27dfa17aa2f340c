import { isAbsolute } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import { parseCid } from '../../../protocols/codec/cid.ts';
import type { OwnerCheck } from '../owner.ts';
import type { GatewayNode } from '../ports.ts';
import { notFound, parseRequest } from '../problems.ts';

const addition = z.strictObject({
  directory: z.string().max(4_096).refine(isAbsolute, "an absolute path on the node's machine"),
});
const blockParams = z.object({
  cid: z.string().refine((text) => parseCid(text) !== null, 'a CID (version 1, base32)'),
});
const blockQuery = z.object({ format: z.literal('raw').optional() });

const RAW_BLOCK = 'application/vnd.ipld.raw';

/** Directories into the store, for the owner; single blocks out of it, for everyone (IPFS trustless gateway, raw only). */
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

  app.get('/ipfs/:cid', async (request, reply) => {
    const { cid } = parseRequest(blockParams, request.params);
    const { format } = parseRequest(blockQuery, request.query);
    if (format !== 'raw' && !request.headers.accept?.includes(RAW_BLOCK)) {
      throw new OversightError('argument-invalid', 'This node serves single blocks: add ?format=raw.');
    }
    const block = await node.block(cid);
    if (block === null) throw notFound('block');
    return reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('etag', `"${cid}.raw"`)
      .header('content-disposition', `attachment; filename="${cid}.bin"`)
      .type(RAW_BLOCK)
      .send(Buffer.from(block.buffer, block.byteOffset, block.byteLength));
  });
}
