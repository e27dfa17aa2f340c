import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { SUPPORTED_MODEL_TYPES } from '../../protocols/artifacts/index.ts';
import { EmbeddedStore } from '../../services/checkpoints/index.ts';
import { liftFileLimit, spawnWithFileLimit } from '../support/file-limit.ts';
import { freshFolder } from '../support/fresh-folder.ts';
import { type CliRun, runCli, startCli } from '../support/run-cli.ts';
import { claimOf, contentCid, count, frontierBody } from '../support/samples.ts';
import { SPOILED_CHECKPOINTS } from '../support/spoiled-checkpoints.ts';

const CLI = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));
const MODELS = fileURLToPath(new URL('../../deploy/demo/models/', import.meta.url));
const PARAMETERS = 314_048;

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'oversight-bad-input-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a bad checkpoint', () => {
  test.each(SPOILED_CHECKPOINTS)('verify: $what', async ({ spoil, verify }) => {
    const target = await spoiled(spoil);
    const folder = await findingFolder(await nameOf(target));
    const run = await runCli(['verify', folder, '--target', target, '--threads', '1']);
    expectRefusal(run, verify);
    if (verify === 'model-unsupported') {
      for (const name of ['mamba', ...SUPPORTED_MODEL_TYPES]) expect(run.stderr).toContain(name);
    }
  });

  describe('publish', () => {
    let home: string;
    let stop: () => Promise<void>;

    beforeAll(async () => {
      home = await makeHome(join(root, 'publisher'));
      const node = startCli(['up', '--home', home]);
      await once(createInterface({ input: node.stdout }), 'line');
      stop = async () => {
        const ended = once(node, 'close');
        node.kill('SIGTERM');
        await ended;
      };
    });
    afterAll(() => stop());

    test.each(SPOILED_CHECKPOINTS)('$what', async ({ spoil, publish }) => {
      const before = await messages(home);
      const run = await release(home, await spoiled(spoil), PARAMETERS);
      if (publish === null) return expect(run).toMatchObject({ status: 0 });
      expectRefusal(run, 'checkpoint-invalid');
      expect(run.stderr).toContain(`checkpoint-invalid: ${publish}`);
      expect(await messages(home)).toBe(before);
    });

    test('a size that the tensor headers do not bear out', async () => {
      const folder = await spoiled(async () => undefined);
      const run = await release(home, folder, PARAMETERS + 1);
      expectRefusal(run, 'checkpoint-invalid');
      expect(run.stderr).toContain('parameters-differ');
      expect(await release(home, folder, PARAMETERS)).toMatchObject({ status: 0 });
      expect(await readdir(folder)).toContain('model.sig');
    });

    test('a checkpoint that this node does not have', async () => {
      const body = join(await freshFolder(), 'body.json');
      const checkpoint = { cid: contentCid('nowhere'), profile: 'unixfs-v1-2025', sizeBytes: 1 };
      await writeFile(body, JSON.stringify({ ...frontierBody('x'), checkpoint }));
      const run = await runCli(['publish', 'frontier-release', '--body', body, '--home', home]);
      expectRefusal(run, 'checkpoint-invalid');
    });

    test('a second node in the same home', async () => {
      expectRefusal(await runCli(['up', '--home', home]), 'home-in-use');
      expect(await messages(home)).toBeGreaterThan(0);
    });
  });
});

describe('a bad environment', () => {
  test('a charter file that does not exist', async () => {
    const home = join(await freshFolder(), 'lab');
    await init(home);
    expectRefusal(
      await runCli(['join', '--home', home, '--charter', join(home, 'no.json')]),
      'charter-not-found',
    );
    expectRefusal(await runCli(['up', '--home', home]), 'charter-not-found');
  });

  test.each([
    ['gateway', (port: number) => ['--gateway-port', String(port)]],
    ['libp2p', (port: number) => ['--listen', `/ip4/127.0.0.1/tcp/${port}`]],
  ])('the port of the %s in use', async (_, flags) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const home = await makeHome(
      join(await freshFolder(), 'lab'),
      flags((other.address() as { port: number }).port),
    );
    expectRefusal(await runCli(['up', '--home', home]), 'port-in-use');
  });

  test('a NATS server that does not answer, where there is no other transport', async () => {
    const flags = ['--no-libp2p', '--nats', 'nats://127.0.0.1:1'];
    const home = await makeHome(join(await freshFolder(), 'lab'), flags);
    expectRefusal(await runCli(['up', '--home', home]), 'nats-unreachable');
  });

  test('a ledger that is none', async () => {
    const home = await makeHome(join(await freshFolder(), 'lab'));
    await writeFile(join(home, 'ledger.sqlite'), 'not a ledger '.repeat(1_000));
    expectRefusal(await runCli(['up', '--home', home]), 'ledger-damaged');
  });

  test('a full disk', async () => {
    const home = await makeHome(join(await freshFolder(), 'lab'));
    const node = spawnWithFileLimit([CLI, 'up', '--home', home], 900);
    onTestFinished(() => void node.kill('SIGKILL'));
    await once(createInterface({ input: node.stdout }), 'line');
    const body = join(home, 'body.json');
    await writeFile(body, JSON.stringify({ padding: 'x'.repeat(60_000) }));
    const publish = () => runCli(['publish', 'something-new/2', '--body', body, '--home', home]);
    let run = await publish();
    while (run.status === 0) run = await publish();
    expectRefusal(run, 'disk-full');
    await liftFileLimit(node);
    expect(await publish()).toMatchObject({ status: 0 });
  });
});

/** One coded line or two for a person, the status of a failure, and never where in the program it was. */
function expectRefusal({ status, stderr }: CliRun, code: string): void {
  expect(stderr).toMatch(new RegExp(`^error ${code}: `, 'm'));
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(stderr).not.toContain('internal-failure');
  expect(status).toBe(1);
}

async function spoiled(spoil: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(await mkdtemp(join(root, 'model-')), 'model');
  await cp(join(MODELS, 'analog'), folder, { recursive: true });
  await spoil(folder);
  return folder;
}

/** The CID of a directory, whatever is in it. */
async function nameOf(directory: string): Promise<string> {
  await using store = await EmbeddedStore.open(await freshFolder());
  return (await store.add(directory, { signal: new AbortController().signal })).cid;
}

/** @param base the model that its intervention is for */
async function findingFolder(base: string): Promise<string> {
  const folder = await mkdtemp(join(root, 'finding-'));
  await cp(join(MODELS, 'interventions', 'random-same-norm'), join(folder, 'intervention'), {
    recursive: true,
  });
  const manifest = join(folder, 'intervention', 'intervention.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replaceAll(/checkpoint:[a-z-]+/g, base));
  await cp(join(MODELS, 'suites', 'backdoor'), join(folder, 'suite'), { recursive: true });
  const claim = claimOf({
    gates: [{ measure: 'dev-accuracy', maximumDropPpm: 30_000 }],
    counts: [count('baseline', 'trigger-rate', 200, 200), count('treated', 'trigger-rate', 0, 200)],
  });
  const finding = { title: 'x', intervention: './intervention', suite: './suite', claim };
  await writeFile(join(folder, 'finding.json'), JSON.stringify(finding));
  return folder;
}

async function release(home: string, directory: string, parameters: number): Promise<CliRun> {
  const body = join(await freshFolder(), 'body.json');
  const { model_type: modelType } = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8'));
  const { model, ...rest } = frontierBody('example', parameters);
  await writeFile(body, JSON.stringify({ ...rest, model: { ...(model as object), modelType } }));
  return runCli(['publish', 'frontier-release', '--body', body, '--dir', directory, '--home', home]);
}

async function messages(home: string): Promise<number> {
  return JSON.parse((await runCli(['show', 'status', '--home', home, '--json'])).stdout).messages;
}

async function init(home: string, flags: readonly string[] = []): Promise<void> {
  const who = ['--name', 'lab', '--organisation', 'Lab', '--roles', 'lab'];
  const where = flags.includes('--gateway-port') ? [] : ['--gateway-port', '0'];
  const listen = flags.some((flag) => flag.endsWith('libp2p') || flag === '--listen')
    ? []
    : ['--listen', '/ip4/127.0.0.1/tcp/0'];
  const run = await runCli(['init', '--home', home, ...who, ...where, ...listen, ...flags]);
  expect(run).toMatchObject({ status: 0, stderr: '' });
}

async function makeHome(home: string, flags: readonly string[] = []): Promise<string> {
  await mkdir(home, { recursive: true });
  await init(home, flags);
  const charter = join(home, 'founding.json');
  const member = ['--member', join(home, 'member.json')];
  await runCli(['charter', 'create', '--name', 'T', '--quorum', '1', ...member, '--out', charter]);
  expect(await runCli(['join', '--home', home, '--charter', charter])).toMatchObject({ status: 0 });
  return home;
}
