import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { say, told } from './child.ts';

/** Serves the files of a directory over plain HTTP, unverified. */
const [directory] = process.argv.slice(2) as [string];
const server = createServer(async (request, response) => {
  const path = join(directory, decodeURIComponent((request.url ?? '').slice(1)));
  response.setHeader('content-length', (await stat(path)).size);
  await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), response);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  say(typeof address === 'object' && address !== null ? address.port : 0);
});
await told();
server.close();
say('ended');
