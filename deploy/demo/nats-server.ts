import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { waitFor } from './wait.ts';

const START_TIMEOUT_MS = 15_000;

/** The NATS server's program, where the PATH has one. */
export async function findNatsServer(): Promise<string | null> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, 'nats-server');
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}

export interface NatsServerFiles {
  readonly program: string;
  readonly configFile: string;
  readonly storeDirectory: string;
  readonly port: number;
  /** Further lines of its configuration. */
  readonly extra?: string;
  readonly jetStream?: boolean;
}

/** Starts a server on loopback and waits until it answers. The caller ends the process. */
export async function launchNatsServer(
  files: NatsServerFiles,
  { signal }: { readonly signal: AbortSignal },
): Promise<ChildProcess> {
  const jetStream = files.jetStream === false ? '' : `jetstream { store_dir: "${files.storeDirectory}" }`;
  await writeFile(
    files.configFile,
    `listen: "127.0.0.1:${files.port}"\n${jetStream}\n${files.extra ?? ''}\n`,
  );
  const child = spawn(files.program, ['-c', files.configFile], { stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`nats-server ended with status ${code} at its start`)));
  });
  failed.catch(() => {}); // raced below; later exits are the caller's
  const listening = waitFor('nats-server listens', async () => ((await accepts(files.port)) ? true : null), {
    signal,
    timeoutMs: START_TIMEOUT_MS,
  });
  await Promise.race([listening, failed]);
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
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
