import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';

/** Often enough to stop a leak early, rarely enough to cost nothing. */
const INTERVAL_MS = 250;

/**
 * Polls a process's private resident memory and calls `onExceeded` once it passes the limit. Mapped weights do not count
 * on Linux: the kernel takes those pages back when it needs them.
 */
export function watchMemory(
  pid: number | undefined,
  limitBytes: number,
  onExceeded: () => void,
): { stop(): void } {
  if (pid === undefined) return { stop: () => {} };
  const timer = setInterval(() => {
    void residentBytes(pid).then((bytes) => {
      if (bytes !== null && bytes > limitBytes) onExceeded();
    });
  }, INTERVAL_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Null when the process is gone or the platform does not say. */
async function residentBytes(pid: number): Promise<number | null> {
  try {
    return platform() === 'linux' ? await fromProc(pid) : await fromPs(pid);
  } catch {
    return null; // the process has ended; its exit says how
  }
}

async function fromProc(pid: number): Promise<number | null> {
  const match = /^RssAnon:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
  return match === null ? null : Number(match[1]) * 1024;
}

async function fromPs(pid: number): Promise<number | null> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  const kibibytes = Number(stdout.trim());
  return Number.isFinite(kibibytes) ? kibibytes * 1024 : null;
}
