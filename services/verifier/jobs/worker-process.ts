import { type ChildProcess, spawn } from 'node:child_process';
import { platform } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasErrno, messageOf } from '../../../protocols/base/errors.ts';
import { collectorArguments } from './collector.ts';
import type { Job } from './job.ts';

/** What is kept of a child's standard error, for telling why it died. */
const STDERR_LIMIT_CHARS = 8_192;

/**
 * Address space V8 reserves as writable and hardly touches, which RLIMIT_DATA counts: Node 24 does not start below about
 * 500 MiB (measured on x64). Added to the kernel's limit; the parent's watch holds the job to its own.
 */
const RESERVED_BYTES = 512 * 2 ** 20;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface Worker {
  readonly pid: number | undefined;
  /** Private address space the kernel allows it; null where only the parent watches. */
  readonly kernelLimitBytes: number | null;
  /** Resolves once, when the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  send(job: Job): void;
  onMessage(listener: (raw: unknown) => void): void;
  /** SIGKILL; no effect on a process that has ended. */
  kill(): void;
}

/** Starts the worker beside this file: .ts in a clone, .js in a build. */
export function startWorker(memoryBytes: number): Worker {
  const script = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
  const kernelLimitBytes = platform() === 'linux' ? memoryBytes + RESERVED_BYTES : null;
  const { command, args } = limited(kernelLimitBytes, [...collectorArguments(memoryBytes), script]);
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
    env: childEnvironment(),
  });
  const exited = watchExit(child);
  return {
    pid: child.pid,
    kernelLimitBytes,
    exited,
    send: (job) => {
      child.send(job, () => {}); // a child that died before it could read shows in `exited`
    },
    onMessage: (listener) => {
      child.on('message', listener);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

/** Where a GPU's driver and libraries are; nothing else of ours is the child's business. */
const PASSED_ON = [
  'PATH',
  'LD_LIBRARY_PATH',
  'VK_DRIVER_FILES',
  'VK_ICD_FILENAMES',
  'XDG_RUNTIME_DIR',
  'CUDA_VISIBLE_DEVICES',
];

function childEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** On Linux the kernel enforces the limit on private memory (RLIMIT_DATA); elsewhere only the parent's watch does. */
function limited(
  limitBytes: number | null,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  if (limitBytes === null) return { command: process.execPath, args };
  const kibibytes = String(Math.ceil(limitBytes / 1024));
  return { command: 'sh', args: ['-c', 'ulimit -d "$0" && exec "$@"', kibibytes, process.execPath, ...args] };
}

function watchExit(child: ChildProcess): Promise<Exit> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_LIMIT_CHARS);
  });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stderr }));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, stderr: messageOf(error) });
      else if (!hasErrno(error, 'EPIPE')) stderr += messageOf(error);
    });
  });
}
