import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli, startCli } from '../support/run-cli.ts';
import { frontierBody } from '../support/samples.ts';

let root: string;
let home: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'oversight-up-'));
  home = join(root, 'lab');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('oversight up', () => {
  test('runs the node: it joins, publishes, is shown, and ends cleanly on SIGTERM', async () => {
    await makeHome();
    const node = startCli(['up', '--home', home]);
    const lines = createInterface({ input: node.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toMatch(/^ready {2}http:\/\/127\.0\.0\.1:\d+$/);
    const body = join(root, 'body.json');
    await writeFile(body, JSON.stringify(frontierBody('published')));
    const published = await runCli(['publish', 'frontier-release', '--body', body, '--home', home, '--json']);
    expect(published).toMatchObject({ status: 0, stderr: '' });
    const record = JSON.parse((await runCli(['show', 'record', '--home', home, '--json'])).stdout);
    expect(record.record.frontierReleases[0].id).toBe(JSON.parse(published.stdout).id);
    expect(record.record.members[0].ratification).not.toBeNull();
    node.kill('SIGTERM');
    const [status] = await once(node, 'close');
    expect(status).toBe(0);
    const after = await runCli(['show', 'status', '--home', home]);
    expect(after).toMatchObject({ status: 1 });
    expect(after.stderr).toMatch(/^error node-unreachable: /);
  });

  test('a port in use is said so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await makeHome(port);
    const run = await runCli(['up', '--home', home]);
    other.close();
    expect(run.stderr).toMatch(/^error port-in-use: /m);
    expect(run.stderr).not.toContain('    at ');
    expect(run.status).toBe(1);
  });

  test('a home that has joined nothing is said so', async () => {
    await init(0);
    const run = await runCli(['up', '--home', home]);
    expect(run.stderr).toMatch(/^error charter-not-found: /);
    expect(run.status).toBe(1);
  });
});

async function makeHome(port = 0): Promise<void> {
  await init(port);
  const charter = join(root, 'charter.json');
  const member = join(home, 'member.json');
  await runCli(['charter', 'create', '--name', 'T', '--quorum', '1', '--member', member, '--out', charter]);
  expect(await runCli(['join', '--home', home, '--charter', charter])).toMatchObject({ status: 0 });
  expect(await readFile(join(home, 'charter.json'), 'utf8')).toContain('"T"');
}

async function init(port: number): Promise<void> {
  const who = ['--name', 'lab', '--organisation', 'Lab', '--roles', 'lab'];
  const where = ['--listen', '/ip4/127.0.0.1/tcp/0', '--gateway-port', String(port)];
  expect(await runCli(['init', '--home', home, ...who, ...where])).toMatchObject({ status: 0, stderr: '' });
}
