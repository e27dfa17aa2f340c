import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer, launchNatsServer } from '../../deploy/demo/nats-server.ts';
import { steadyPort } from './steady-port.ts';

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
  const program = await findNatsServer();
  if (program === null) throw new Error(MISSING);
  const directory = await mkdtemp(join(tmpdir(), 'oversight-nats-'));
  const port = await steadyPort();
  let generation = 0;
  const start = () =>
    launchNatsServer(
      {
        program,
        configFile: join(directory, 'nats.conf'),
        storeDirectory: join(directory, `store-${generation}`),
        port,
        extra,
        jetStream: options.jetStream ?? true,
      },
      { signal: new AbortController().signal },
    );
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
