import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems hand out by themselves (Linux: 32768 on): a node that is down finds its own still free. */
const FIRST = 20_000;
const LAST = 31_999;

/** A free loopback port that no program gets by chance. @param taken ports given out before */
export async function steadyPort(taken: Set<number> = new Set()): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const failed = new Promise<boolean>((resolve) => server.once('error', () => resolve(true)));
  server.listen(port, '127.0.0.1');
  if (await Promise.race([failed, once(server, 'listening').then(() => false)])) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}
