import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Cores by number, as `taskset` takes them. */
export type Cores = '0' | '0,1';

export interface Pinned<T> {
  readonly result: T;
  /** Whether every thread of the process was held to these cores. */
  readonly pinned: boolean;
}

/** Runs a script of this folder on these cores where the system has `taskset`, and reads the JSON that it prints. */
export async function runOnCores<T>(
  cores: Cores,
  script: string,
  args: readonly string[] = [],
): Promise<Pinned<T>> {
  const pinned = await canPin(cores);
  const { command, args: all } = nodeCommand(pinned ? cores : null, script, args);
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const output = await text(child.stdout);
  const [status] = await exited;
  if (status !== 0) throw new Error(`${script} ended with status ${status}`);
  return { result: JSON.parse(output) as T, pinned };
}

/** What starts a script of this folder; on these cores, or anywhere. */
export function nodeCommand(
  cores: Cores | null,
  script: string,
  args: readonly string[],
): { readonly command: string; readonly args: string[] } {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return cores === null
    ? { command: process.execPath, args: [path, ...args] }
    : { command: 'taskset', args: ['-c', cores, process.execPath, path, ...args] };
}

export async function canPin(cores: Cores): Promise<boolean> {
  try {
    await promisify(execFile)('taskset', ['-c', cores, 'true']);
    return true;
  } catch {
    return false; // not Linux, no util-linux, or these cores are not ours
  }
}
