import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Puts the tools of others that the interop tests run, once, into .cache/python. Ends with status 1 and a sentence where it cannot. */
const TOOLS = [
  'model-signing==1.1.1',
  // model-signing imports it without asking for it
  'pyOpenSSL==26.4.0',
  'spdx-python-model==0.0.6',
];
const LIMIT_MS = 300_000;

const folder = fileURLToPath(new URL('../.cache/python/', import.meta.url));
/** Written last: what an earlier run has put there. */
const stamp = join(folder, 'tools.txt');

async function installed(): Promise<string | null> {
  try {
    return await readFile(stamp, 'utf8');
  } catch {
    return null; // not there yet
  }
}

function run(command: string, args: readonly string[]): string | null {
  const { status, error, stderr } = spawnSync(command, args, { timeout: LIMIT_MS, encoding: 'utf8' });
  if (status === 0) return null;
  return error === undefined ? (stderr.trim().split('\n').at(-1) ?? `${command} failed`) : error.message;
}

async function install(): Promise<string | null> {
  await mkdir(folder, { recursive: true });
  const fault =
    run('python3', ['-m', 'venv', folder]) ??
    run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...TOOLS]);
  if (fault === null) await writeFile(stamp, TOOLS.join('\n'));
  return fault;
}

if ((await installed()) !== TOOLS.join('\n')) {
  console.log(`installing ${TOOLS.join(', ')}`);
  const fault = await install();
  if (fault !== null) {
    console.error(`The Python tools could not be installed: ${fault}`);
    process.exitCode = 1;
  }
}
