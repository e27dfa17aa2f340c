import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

const MISSING =
  'These tests need a real NATS server: install `nats-server` (Debian: apt-get install nats-server; macOS: brew install nats-server) and see that it is on the PATH.';

export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** SIGKILL, as a crash; the store stays. */
  kill(): Promise<void>;
  /** Starts again on the same port and store. */
  restart(): Promise<void>;
  /** Starts again on the same port with an empty store. */
  restartEmpty(): Promise<void>;
}

/** A server on a free loopback port with its own directory. @param extra lines for its configuration */
export async function startNatsServer(
  extra = '',
  options: { readonly jetStream?: boolean } = {},
): Promise<NatsServer> {
  const directory = await mkdtemp(join(tmpdir(), 'oversight-nats-'));
  const port = await freePort();
  let generation = 0;
  const start = () => launch({ directory, generation, port, extra, jetStream: options.jetStream ?? true });
  let child = await start();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    kill,
    async restart() {
      await kill();
      child = await start();
    },
    async restartEmpty() {
      await kill();
      generation += 1;
      child = await start();
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function launch(options: {
  readonly directory: string;
  readonly generation: number;
  readonly port: number;
  readonly extra: string;
  readonly jetStream: boolean;
}): Promise<ChildProcess> {
  const { directory, port } = options;
  const config = join(directory, 'nats.conf');
  const store = join(directory, `store-${options.generation}`);
  const jetStream = options.jetStream ? `jetstream { store_dir: "${store}" }` : '';
  await writeFile(config, `listen: "127.0.0.1:${port}"\n${jetStream}\n${options.extra}\n`);
  const child = spawn('nats-server', ['-c', config], { stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (cause) => reject(new Error(MISSING, { cause })));
    child.once('exit', (code) => reject(new Error(`nats-server ended with status ${code} at start`)));
  });
  await Promise.race([
    failed,
    until(() => accepts(port), { timeoutMs: 15_000, what: 'nats-server listening' }),
  ]);
  failed.catch(() => {});
  return child;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
