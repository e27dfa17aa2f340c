import { once } from 'node:events';
import { open, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';

export interface FileServer extends AsyncDisposable {
  readonly url: string;
  /** Paths asked for, each with its range. */
  readonly asked: readonly string[];
}

/** A plain web server for the files of a folder, with ranges, and nothing of IPFS. `answer` true: it has answered itself. */
export async function serveFiles(
  folder: string,
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<FileServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ''}`.trim());
    if (!answer(request, response)) send(folder, request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function send(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = join(folder, decodeURIComponent((request.url ?? '').slice(1)));
  const found = await stat(path).catch(() => null);
  if (found === null) return void response.writeHead(404).end();
  const [, from = 0, to = found.size - 1] =
    /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')?.map(Number) ?? [];
  await using file = await open(path);
  const bytes = Buffer.alloc(to - from + 1);
  await file.read(bytes, 0, bytes.length, from);
  response.writeHead(request.headers.range === undefined ? 200 : 206, { 'content-length': bytes.length });
  response.end(bytes);
}
