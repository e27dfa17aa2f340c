import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface KuboDaemon extends AsyncDisposable {
  readonly apiUrl: string;
  /** Of its own gateway, for a daemon that we started. */
  readonly gatewayUrl: string | null;
  /** One command of the RPC API, for example `swarm/connect?arg=…`, with a file to upload. @throws on any status but 200 */
  call(command: string, file?: Blob): Promise<string>;
}

/**
 * The daemon at `KUBO_API`, or one started from the `ipfs` on the PATH, with its repository in `home`: on loopback, with
 * nobody to dial but whom it is told to. Null without either.
 */
export async function kuboDaemon(home: string): Promise<KuboDaemon | null> {
  const configured = process.env['KUBO_API'];
  if (configured !== undefined) return daemonAt(configured, null, async () => undefined);
  const env = { ...process.env, IPFS_PATH: home, IPFS_TELEMETRY: 'off' };
  const ipfs = (...args: readonly string[]) => run('ipfs', args, { env });
  try {
    await ipfs('init', '-e', '--profile=test');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  await ipfs('config', 'Routing.Type', 'none');
  const daemon = spawn('ipfs', ['daemon'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(daemon, 'exit');
  for await (const line of createInterface({ input: daemon.stdout }))
    if (line.includes('Daemon is ready')) break;
  daemon.stdout.resume();
  const [, , address, , port] = (await readFile(join(home, 'api'), 'utf8')).split('/');
  const gatewayUrl = (await readFile(join(home, 'gateway'), 'utf8')).trim();
  return daemonAt(`http://${address}:${port}`, gatewayUrl, async () => {
    daemon.kill();
    await exited;
  });
}

function daemonAt(apiUrl: string, gatewayUrl: string | null, end: () => Promise<void>): KuboDaemon {
  return {
    apiUrl,
    gatewayUrl,
    async call(command, file) {
      const form = new FormData();
      if (file !== undefined) form.append('file', file);
      const body = file === undefined ? {} : { body: form };
      const answer = await fetch(`${apiUrl}/api/v0/${command}`, { method: 'POST', ...body });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`Kubo, ${command}: ${text}`);
      return text;
    },
    [Symbol.asyncDispose]: end,
  };
}
