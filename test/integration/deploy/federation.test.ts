import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findNatsServer } from '../../../deploy/demo/nats-server.ts';
import { deriveKey } from '../../../protocols/identity/derive.ts';
import { subjectsOf } from '../../../services/network/index.ts';
import { readHome } from '../../../services/node/home.ts';
import { startNode } from '../../../services/node/index.ts';
import { nkeyUserSeed } from '../../../services/node/nkey.ts';
import { steadyPort } from '../../support/steady-port.ts';
import { until } from '../../support/until.ts';
import { ROOT } from '../../unit/deploy/deploy-files.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
/** The client's own second says nothing of what the server allows. */
const PATIENCE_MS = 60_000;
const NODES = ['lab', 'academic', 'regulator', 'verifier-a', 'verifier-b'];

let folder = '';
let natsServer = '';
const taken = new Set<number>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oversight-deploy-'));
  natsServer = (await findNatsServer()) ?? '';
  expect(natsServer).not.toBe('');
  // `oversight` as the image has it on its PATH
  const command = join(folder, 'bin', 'oversight');
  await mkdir(join(folder, 'bin'));
  await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${ROOT}services/cli/main.ts" "$@"\n`, {
    mode: 0o755,
  });
  await mkdir(join(folder, 'federation'));
  await found();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs found-federation.sh as compose.yaml does. */
async function found(): Promise<string> {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
  const script = join(ROOT, 'deploy', 'found-federation.sh');
  const { stdout } = await run('sh', [script, join(folder, 'homes'), join(folder, 'federation')], { env });
  return stdout;
}

test('a federation is founded once', async () => {
  const users = await readFile(join(folder, 'federation', 'users.conf'), 'utf8');
  expect(users.match(/nkey: U[A-Z2-7]{55}/g)).toHaveLength(NODES.length);
  await found();
  expect(await readFile(join(folder, 'federation', 'users.conf'), 'utf8')).toBe(users);
});

test('nats.conf is one that nats-server takes', async () => {
  await cp(join(ROOT, 'deploy', 'nats.conf'), join(folder, 'nats.conf'));
  const { stdout, stderr } = await run(natsServer, ['-t', '-c', join(folder, 'nats.conf')]);
  expect(`${stdout}${stderr}`).toContain('configuration file');
});

test('its members, and nobody else, meet on a server with that nats.conf', async () => {
  const port = await steadyPort(taken);
  await using _server = await serve(port);
  await using lab = await startNode(await homeOnNatsOnly('lab', port), { version: '0.0.0', signal });
  await using regulator = await startNode(await homeOnNatsOnly('regulator', port), {
    version: '0.0.0',
    signal,
  });
  // a ratification and a card each, then what each cosigned of the other
  const both = () => {
    const [one, other] = [lab.status(), regulator.status()];
    const isAlike = one.messages === other.messages && one.recordDigest === other.recordDigest;
    return isAlike && one.messages >= 6 && one.witnessing.isWitness && other.witnessing.isWitness;
  };
  await until(both, { timeoutMs: 20_000, what: 'the messages of both on both' });

  const member = await connect({ servers: `127.0.0.1:${port}`, ...(await loginOf('academic')) });
  const { stream } = subjectsOf(lab.status().federation);
  for (const subject of FORBIDDEN(stream)) {
    const asking = member.request(`$JS.API.${subject}`, '{}', { timeout: PATIENCE_MS });
    await expect(asking, subject).rejects.toThrow(/permission/i);
  }
  await member.close();

  const stranger = nkeyAuthenticator(nkeyUserSeed(new Uint8Array(32).fill(7)));
  await expect(
    connect({ servers: `127.0.0.1:${port}`, authenticator: stranger, maxReconnectAttempts: 0 }),
  ).rejects.toThrow();
});

/** What JetStream would do to everybody. */
const FORBIDDEN = (stream: string) => [
  `STREAM.DELETE.${stream}`,
  `STREAM.PURGE.${stream}`,
  `STREAM.UPDATE.${stream}`,
  `STREAM.MSG.DELETE.${stream}`,
  `CONSUMER.DELETE.${stream}.another`,
  `CONSUMER.CREATE.${stream}.another`,
  `CONSUMER.MSG.NEXT.${stream}.another`,
];

/** As the member's node logs in, with the inbox that it uses. */
async function loginOf(name: string) {
  const home = await readHome(join(folder, 'homes', name));
  return {
    authenticator: nkeyAuthenticator(nkeyUserSeed(deriveKey(home.seed, 'nats'))),
    inboxPrefix: subjectsOf(home.charter.id).inbox(home.self.keys.signing),
    maxReconnectAttempts: 0,
  };
}

/** The home as founded, on another port of the server and without libp2p. */
async function homeOnNatsOnly(name: string, port: number): Promise<string> {
  const home = join(folder, 'homes', name);
  const path = join(home, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as { nats: object };
  const nats = { ...config.nats, servers: [`nats://127.0.0.1:${port}`] };
  const gateway = { host: '127.0.0.1', port: 0 };
  await writeFile(path, JSON.stringify({ ...config, libp2p: null, nats, gateway }));
  return home;
}

/** nats-server with nats.conf, moved to a loopback port and a store of its own. */
async function serve(port: number): Promise<AsyncDisposable> {
  const text = await readFile(join(ROOT, 'deploy', 'nats.conf'), 'utf8');
  const moved = text
    .replace('0.0.0.0:4222', `127.0.0.1:${port}`)
    .replace('127.0.0.1:8222', `127.0.0.1:${await steadyPort(taken)}`)
    .replace('/var/lib/nats/jetstream', join(folder, 'store'));
  const file = join(folder, 'moved.conf');
  await writeFile(file, moved);
  const child = spawn(natsServer, ['-c', file], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await until(() => accepts(port), { timeoutMs: 15_000, what: 'nats-server listening' });
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
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
