import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';

/** Often enough to stop a leak early and to see a steep rise before it kills; a reading takes some tens of microseconds. */
const INTERVAL_MS = 50;
/** Starting `ps` is dearer. */
const PS_INTERVAL_MS = 500;
/** A process that aborts this close to its kernel limit was refused memory: measured aborts lie within a few per cent. */
const NEAR_LIMIT = 0.9;

export interface MemoryWatch extends Disposable {
  /** True when the last reading was close to the limit the kernel enforces. */
  readonly nearKernelLimit: boolean;
}

/**
 * Polls a process's private resident memory and calls `onExceeded` once it passes `residentBytes`. Mapped weights do
 * not count on Linux: the kernel takes those pages back when it needs them.
 */
export function watchMemory(
  pid: number | undefined,
  limits: { readonly residentBytes: number; readonly kernelBytes: number | null },
  onExceeded: () => void,
): MemoryWatch {
  let lastData = 0;
  const read = async (watched: number) => {
    const usage = await readUsage(watched);
    if (usage === null) return;
    lastData = usage.data;
    if (usage.resident > limits.residentBytes) onExceeded();
  };
  const interval = platform() === 'linux' ? INTERVAL_MS : PS_INTERVAL_MS;
  const timer = pid === undefined ? undefined : setInterval(() => void read(pid), interval);
  timer?.unref();
  return {
    get nearKernelLimit() {
      return limits.kernelBytes !== null && lastData >= NEAR_LIMIT * limits.kernelBytes;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

interface Usage {
  /** Private pages in memory. */
  readonly resident: number;
  /** Private writable address space, which RLIMIT_DATA counts; 0 where unknown. */
  readonly data: number;
}

/** Null when the process is gone or the platform does not say. */
async function readUsage(pid: number): Promise<Usage | null> {
  try {
    return platform() === 'linux'
      ? fromProc(await readFile(`/proc/${pid}/status`, 'utf8'))
      : await fromPs(pid);
  } catch {
    return null; // the process has ended; its exit says how
  }
}

function fromProc(status: string): Usage | null {
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  const [resident, data] = [field('RssAnon'), field('VmData')];
  if (resident === undefined || data === undefined) return null; // a process about to end has no memory left to report
  return { resident: Number(resident) * 1024, data: Number(data) * 1024 };
}

async function fromPs(pid: number): Promise<Usage | null> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  const kibibytes = Number(stdout.trim());
  return Number.isFinite(kibibytes) ? { resident: kibibytes * 1024, data: 0 } : null;
}
