import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';

/**
 * Runs a Node program under a limit of the system on the size of every file it writes: a write past it fails as on a
 * full disk, and space can be given back while it runs. Linux: bash and util-linux.
 * @param blocks of 1,024 bytes
 */
export function spawnWithFileLimit(
  args: readonly string[],
  blocks: number,
): ChildProcessByStdio<Writable, Readable, null> {
  const script = `ulimit -S -f ${blocks}; exec "$@"`;
  return spawn('bash', ['-c', script, 'bash', process.execPath, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

/** Lifts the limit of the running process. */
export async function liftFileLimit({ pid }: { readonly pid?: number | undefined }): Promise<void> {
  await promisify(execFile)('prlimit', ['--pid', String(pid), '--fsize=unlimited']);
}
