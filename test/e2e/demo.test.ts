import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findNatsServer } from '../../deploy/demo/nats-server.ts';
import { runCli, startCli } from '../support/run-cli.ts';

const WIDTH = 80;
const EXPECTATIONS = [
  'the killed verifier lost nothing that it had acknowledged',
  'all five records have the same digest',
  'every release, finding and verdict has an established time, on each node',
  'the regulator keeps a copy of the analog, and showed it when asked',
  'every member joined under the charter',
  'both verifiers judged every finding, and their verdicts count',
  'an audit of every node holds, content and evidence included',
  'the first analog came in time, without the evaluation that was asked',
  'the second release is late, and the regulator’s notice stands against it',
  'finding 1 is confirmed, with effect-reproduced among its reasons',
  'finding 2 is refuted, with effect-not-reproduced among its reasons',
  'finding 3 is refuted, with effect-not-reproduced among its reasons',
  'finding 4 is refuted, with gate-failed among its reasons',
];

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'oversight-e2e-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('oversight demo', () => {
  test('with a NATS server on the PATH: all as it should be, and nothing left behind', async () => {
    expect(await findNatsServer(), 'install nats-server to run the tests').not.toBeNull();
    const { status, stdout, stderr } = await demo(process.env['PATH'] ?? '');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    await expectClean();
    expectOutcome(stdout);
    expect(stdout).toContain('libp2p on loopback; NATS JetStream');
    expect(stdout).not.toContain(scratch);
  });

  test('without one: the same over libp2p alone, and it says so; homes that stay are named', async () => {
    const { status, stdout, stderr } = await demo(await pathWithoutNats(), '--keep');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expectOutcome(stdout);
    expect(stdout).toContain('libp2p on loopback; no NATS');
    const [kept] = await readdir(scratch);
    expect(stdout).toContain(`Homes and logs: ${join(scratch, kept ?? '')}\n`);
    await rm(join(scratch, kept ?? ''), { recursive: true });
    await expectClean();
  });

  test('interrupted on its way: it ends at once, says why and leaves nothing behind', async () => {
    const child = startCli(['demo', '--exit'], { TMPDIR: scratch });
    const ended = once(child, 'close');
    const stderr = text(child.stderr);
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('[2/7]')) child.kill('SIGINT');
    }
    expect(await ended).toEqual([1, null]);
    expect(await stderr).toMatch(/^error cancelled: .*\n$/);
    await expectClean();
  });
});

function demo(path: string, ...options: readonly string[]) {
  return runCli(['demo', '--exit', ...options], { PATH: path, TMPDIR: scratch });
}

function expectOutcome(stdout: string): void {
  for (const expectation of EXPECTATIONS) expect(stdout).toContain(`ok      ${expectation}\n`);
  expect(stdout).not.toContain('FAILED');
  const lines = stdout.split('\n').filter((line) => !line.includes(scratch)); // a path is as long as it is
  for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(WIDTH);
}

/** No file under its temporary directory, and no process that still has one of its files for a home. */
async function expectClean(): Promise<void> {
  expect(await readdir(scratch)).toEqual([]);
  expect(await processesNaming(scratch)).toEqual([]);
}

/** Where /proc is (Linux): ids of processes with the path in their command line. */
async function processesNaming(path: string): Promise<string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return ids.filter((_, i) => lines[i]?.includes(path));
}

/** Folders of the PATH that have no NATS server in them. */
async function pathWithoutNats(): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch((): string[] => [])));
  return folders.filter((_, i) => !names[i]?.includes('nats-server')).join(delimiter);
}
