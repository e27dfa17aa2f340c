import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';

const DASHBOARD = new URL('../dashboard/', import.meta.url);

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page's files, read once: a request never names a path on the disk. */
export async function pageRoutes(app: FastifyInstance): Promise<void> {
  for (const name of await readdir(DASHBOARD)) {
    const mediaType = MEDIA_TYPES[extname(name)];
    if (mediaType === undefined) continue;
    const bytes = await readFile(new URL(name, DASHBOARD));
    const tag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
    app.get(name === 'index.html' ? '/' : `/${name}`, async (request, reply) => {
      reply.header('etag', tag).header('cache-control', 'no-cache');
      if (request.headers['if-none-match'] === tag) return reply.code(304).send();
      return reply.type(mediaType).send(bytes);
    });
  }
}
