import { isAbsolute } from 'node:path';
import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { OwnerCheck } from '../owner.ts';
import type { GatewayNode } from '../ports.ts';
import { parseRequest, toProblem } from '../problems.ts';

const release = z.strictObject({
  directory: z.string().max(4_096).refine(isAbsolute, "an absolute path on the node's machine"),
  /** Of the model, inside the signature. */
  name: z.string().min(1).max(200),
});

/** Ten lines a second are enough for a progress bar. */
const PROGRESS_EVERY_MS = 100;

/**
 * Signs and adds a checkpoint, for the owner. The answer is a line of JSON at a time: `{bytesDone, bytesTotal}` while
 * its bytes are read, and last `{added}` or `{problem}`, since a status cannot be changed once an answer has begun.
 */
export function releaseRoutes(
  app: FastifyInstance,
  node: GatewayNode,
  owner: OwnerCheck,
  closing: AbortSignal,
): void {
  app.post('/releases', { onRequest: owner }, async (request, reply) => {
    const asked = parseRequest(release, request.body);
    const gone = new AbortController();
    const lines = new PassThrough();
    reply.raw.once('close', () => gone.abort());
    const write = (line: object) => lines.write(`${JSON.stringify(line)}\n`);
    let last = Number.NEGATIVE_INFINITY;
    node
      .addRelease(asked, {
        signal: AbortSignal.any([gone.signal, closing]),
        onProgress: (progress) => {
          const now = performance.now();
          if (now - last < PROGRESS_EVERY_MS) return;
          last = now;
          write(progress);
        },
      })
      .then(
        (added) => write({ added }),
        (error) => write({ problem: toProblem(error) }),
      )
      .finally(() => lines.end());
    return reply.code(200).type('application/x-ndjson; charset=utf-8').send(lines);
  });
}
