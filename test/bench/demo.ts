import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));

/** Wall time of `oversight demo --exit` in seconds, as a user starts it; its output goes to stderr. @throws unless it exits with 0 */
export async function measureDemo(): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [CLI, 'demo', '--exit'], {
    stdio: ['ignore', process.stderr, 'inherit'],
  });
  const [status, signal] = await once(child, 'exit');
  if (status !== 0) throw new Error(`the demo ended with ${signal ?? `status ${status}`}`);
  return (performance.now() - start) / 1_000;
}
