import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { peakMemoryMB } from '../peak-memory.ts';
import { say, told } from './child.ts';

/** Takes files over plain HTTP to the disk, one after another, and flushes each, as a fetch does. */
const [home, port, ...names] = process.argv.slice(2) as [string, string, ...string[]];
say('ready');
await told();
const started = performance.now();
for (const name of names) {
  const [response] = (await once(get(`http://127.0.0.1:${port}/${name}`), 'response')) as [IncomingMessage];
  await pipeline(response, createWriteStream(join(home, name), { highWaterMark: 1_048_576 }));
  const file = await open(join(home, name), 'r');
  await file.sync();
  await file.close();
}
say({ seconds: (performance.now() - started) / 1_000, peakMemoryMB: peakMemoryMB() });
process.exit(0);
