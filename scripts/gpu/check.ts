import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeDevice } from '../../test/bench/device.ts';

/**
 * Parity, determinism and speed of each provider, as one JSON object on stdout. `check.ts [--no-speed] [provider …]`;
 * default: cpu and webgpu. A provider runs in a process of its own: a driver that crashes ends no more than that.
 */
const LIMIT_MS = 15 * 60_000;

const options = process.argv.slice(2).filter((word) => word.startsWith('--'));
const named = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const providers = named.length === 0 ? ['cpu', 'webgpu'] : named;
const results = Object.fromEntries(providers.map((provider) => [provider, check(provider)]));
process.stdout.write(`${JSON.stringify({ device: describeDevice(), gpu: gpuName(), results }, null, 2)}\n`);
if (Object.values(results).some((result) => result === null || 'failed' in result)) process.exitCode = 1;

function check(provider: string): object {
  const script = fileURLToPath(new URL('check-provider.ts', import.meta.url));
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, provider, ...options], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (status !== 0) return { failed: signal ?? `status ${status}`, said: stderr.slice(-1_000) };
  return JSON.parse(stdout) as object;
}

function gpuName(): string | null {
  const query = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
