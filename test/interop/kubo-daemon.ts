import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface KuboDaemon extends AsyncDisposable {
  readonly apiUrl: string;
}

/** The daemon at `KUBO_API`, or one started from the `ipfs` on the PATH, offline, with its repository in `home`. Null without either. */
export async function kuboDaemon(home: string): Promise<KuboDaemon | null> {
  const configured = process.env['KUBO_API'];
  if (configured !== undefined) return { apiUrl: configured, [Symbol.asyncDispose]: async () => undefined };
  const env = { ...process.env, IPFS_PATH: home };
  const ipfs = (...args: readonly string[]) => run('ipfs', args, { env });
  try {
    await ipfs('init', '-e');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const port = await freePort();
  await ipfs('config', 'Addresses.API', `/ip4/127.0.0.1/tcp/${port}`);
  await ipfs('config', 'Addresses.Gateway', '');
  await ipfs('config', '--json', 'Addresses.Swarm', '[]');
  const daemon = spawn('ipfs', ['daemon', '--offline'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(daemon, 'exit');
  for await (const line of createInterface({ input: daemon.stdout }))
    if (line.includes('Daemon is ready')) break;
  daemon.stdout.resume();
  return {
    apiUrl: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      daemon.kill();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
