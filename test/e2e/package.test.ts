import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleChecker } from '../../services/gateway/checker-bundle.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const PACKAGE_LIMIT_BYTES = 4 * 1_048_576;

let directory = '';
let bin = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oversight-package-'));
  await run('npm', ['run', 'build'], { cwd: ROOT });
  await run('npm', ['pack', '--pack-destination', directory], { cwd: ROOT });
  const [tarball] = (await readdir(directory)).filter((name) => name.endsWith('.tgz'));
  expect((await stat(join(directory, tarball as string))).size).toBeLessThan(PACKAGE_LIMIT_BYTES);
  // without the optional engine: what a node that verifies nothing installs
  await run('npm', [
    'install',
    '--prefix',
    directory,
    '--omit=optional',
    '--prefer-offline',
    join(directory, tarball as string),
  ]);
  bin = join(directory, 'node_modules', '.bin', 'oversight');
}, 240_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

it('tells its version', async () => {
  const { stdout } = await run(bin, ['--version']);
  expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
});

it('makes the home of a node', async () => {
  const home = join(directory, 'home');
  const { stdout } = await run(bin, [
    'init',
    '--home',
    home,
    '--name',
    'example-lab',
    '--organisation',
    'Lab',
    '--json',
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ name: 'example-lab' });
  expect(await readdir(home)).toEqual(
    expect.arrayContaining(['config.json', 'member.json', 'seed', 'token']),
  );
});

it('says that the demo needs a clone', async () => {
  const demo = run(bin, ['demo', '--exit']);
  await expect(demo).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('error argument-invalid'),
  });
});

it('is told how to keep ONNX Runtime from downloading CUDA', async () => {
  const script = join(ROOT, 'node_modules', 'onnxruntime-node', 'script', 'install.js');
  // a proxy that is not there: a download would fail
  const env = { PATH: process.env['PATH'], GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9' };
  await run(process.execPath, [script], { env: { ...env, ONNXRUNTIME_NODE_INSTALL: 'skip' } });
});

it('carries its vectors, and grades by them', async () => {
  const { stdout } = await run(bin, ['conformance', '--self', '--only', 'codec.json,message.json', '--json']);
  const { files, failures } = JSON.parse(stdout);
  expect(failures).toEqual([]);
  expect(files.map(({ file }: { file: string }) => file)).toEqual(['codec.json', 'message.json']);
});

it('has the browser’s checking code built, as the sources give it', async () => {
  const built = join(directory, 'node_modules/analog-oversight/dist/services/gateway/dashboard/checker.js');
  expect(await readFile(built, 'utf8')).toBe(await bundleChecker());
});

it('gives its protocol as a library', async () => {
  const program = `import { open } from 'analog-oversight/protocols/message'; console.log(typeof open)`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: directory });
  expect(stdout.trim()).toBe('function');
});
