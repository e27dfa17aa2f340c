import { PassThrough } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { bytesProgress } from './answers/common.ts';
import { problemSchema } from './api/openapi.ts';
import { toProblem } from './problems.ts';

export const LINES_TYPE = 'application/x-ndjson';

/** One line of such an answer. @param last what the work comes to */
export function linesOf(last: z.ZodRawShape): z.ZodType {
  return z.union([bytesProgress, z.object(last), z.object({ problem: problemSchema })]);
}

/** Ten lines a second are enough for a progress bar. */
const PROGRESS_EVERY_MS = 100;

export interface Watched {
  /** Aborts when the asker has gone, or the gateway closes. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly bytesDone: number; readonly bytesTotal: number }) => void;
}

/**
 * Answers with a line of JSON at a time: `{bytesDone, bytesTotal}` while the work goes on, and last what it came to or
 * `{problem}`, since a status cannot be changed once an answer has begun.
 */
export function sendLines(
  reply: FastifyReply,
  closing: AbortSignal,
  work: (watched: Watched) => Promise<object>,
): FastifyReply {
  const gone = new AbortController();
  const lines = new PassThrough();
  reply.raw.once('close', () => gone.abort());
  const write = (line: object) => lines.write(`${JSON.stringify(line)}\n`);
  let last = Number.NEGATIVE_INFINITY;
  work({
    signal: AbortSignal.any([gone.signal, closing]),
    onProgress: (progress) => {
      const now = performance.now();
      // the last is told in any case
      if (now - last < PROGRESS_EVERY_MS && progress.bytesDone < progress.bytesTotal) return;
      last = now;
      write(progress);
    },
  })
    .then(write, (error: unknown) => write({ problem: toProblem(error) }))
    .finally(() => lines.end());
  return reply.code(200).type(`${LINES_TYPE}; charset=utf-8`).send(lines);
}
