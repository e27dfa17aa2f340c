import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readCheckerBundle } from '../checker-bundle.ts';
import type { OwnerCheck } from '../owner.ts';

const DASHBOARD = new URL('../dashboard/', import.meta.url);
/** Made, not written: the built one may lie beside the page's own files. */
const CHECKER = 'checker.js';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface PageFile {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly tag: string;
}

/** The page's files, read once: a request never names a path on the disk. */
export async function pageRoutes(app: FastifyInstance, read: OwnerCheck): Promise<void> {
  for (const name of await readdir(DASHBOARD)) {
    const mediaType = MEDIA_TYPES[extname(name)];
    if (mediaType === undefined || name === CHECKER) continue;
    const file = asFile(mediaType, await readFile(new URL(name, DASHBOARD)));
    app.get(name === 'index.html' ? '/' : `/${name}`, { onRequest: read }, async (request, reply) =>
      send(file, request, reply),
    );
  }
  // made once, when a browser first asks: in a clone it takes about a second
  let checker: Promise<PageFile> | null = null;
  app.get(`/${CHECKER}`, { onRequest: read }, async (request, reply) => {
    checker ??= readCheckerBundle().then((code) => asFile(MEDIA_TYPES['.js'] ?? '', Buffer.from(code)));
    return send(await checker, request, reply);
  });
}

function asFile(mediaType: string, bytes: Uint8Array): PageFile {
  return { mediaType, bytes, tag: `"${createHash('sha256').update(bytes).digest('base64url')}"` };
}

function send(
  { mediaType, bytes, tag }: PageFile,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  reply.header('etag', tag).header('cache-control', 'no-cache');
  if (request.headers['if-none-match'] === tag) return reply.code(304).send();
  return reply.type(mediaType).send(bytes);
}
