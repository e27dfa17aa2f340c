import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Builds a real Kubo, once, into .cache/kubo, for the interop tests. Ends with status 1 and a sentence where it cannot. */
const KUBO = 'v0.39.0';
/** Kubo's own choice does not compile with Go 1.26. */
const SWISS = 'v0.0.0-20260820225851-333444432258';
const LIMIT_MS = 600_000;

const folder = fileURLToPath(new URL('../.cache/kubo/', import.meta.url));
const program = join(folder, 'ipfs');

/** A daemon named by the user, a program on the PATH, or what an earlier run built. */
function isThere(): boolean {
  if (process.env['KUBO_API'] !== undefined) return true;
  if (spawnSync('ipfs', ['version']).status === 0) return true;
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false; // not there yet
  }
}

function go(args: readonly string[], deadline: number): string | null {
  const timeout = Math.max(1, deadline - Date.now());
  // -mod=mod: the sums of what Kubo needs are taken from the proxy, as for a first `go get`
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  const { status, error, stderr } = spawnSync('go', args, { cwd: folder, env, timeout, encoding: 'utf8' });
  if (status === 0) return null;
  return error === undefined ? (stderr.trim().split('\n').at(-1) ?? 'go failed') : error.message;
}

async function build(): Promise<string | null> {
  await mkdir(folder, { recursive: true });
  const requirements = [`github.com/ipfs/kubo ${KUBO}`, `github.com/cockroachdb/swiss ${SWISS}`];
  const lines = ['module kubo', 'go 1.26', ...requirements.map((each) => `require ${each}`)];
  await writeFile(join(folder, 'go.mod'), `${lines.join('\n')}\n`);
  // a command is built as a dependency, so that the requirements above hold
  await writeFile(
    join(folder, 'tools.go'),
    'package kubo\n\nimport _ "github.com/ipfs/kubo/cmd/ipfs/kubo"\n',
  );
  const deadline = Date.now() + LIMIT_MS;
  const fault = go(['build', '-o', `${program}.new`, 'github.com/ipfs/kubo/cmd/ipfs'], deadline);
  if (fault === null) await rename(`${program}.new`, program);
  return fault;
}

if (!isThere()) {
  console.log(`building Kubo ${KUBO}, for at most ${LIMIT_MS / 60_000} minutes`);
  const fault = await build();
  if (fault !== null) {
    console.error(`Kubo ${KUBO} could not be built: ${fault}`);
    process.exitCode = 1;
  }
}
