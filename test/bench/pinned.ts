import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Pinned<T> {
  readonly result: T;
  /** Whether every thread of the process was held to one core, or only its own work was serial. */
  readonly pinnedToOneCore: boolean;
}

/** Runs a script of this folder on one core where the system has `taskset`, and reads the JSON that it prints. */
export async function runOnOneCore<T>(script: string): Promise<Pinned<T>> {
  const pinnedToOneCore = await hasTaskset();
  const path = fileURLToPath(new URL(script, import.meta.url));
  const node = [process.execPath, path];
  const [command, ...args] = (pinnedToOneCore ? ['taskset', '-c', '0', ...node] : node) as [
    string,
    ...string[],
  ];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const output = await text(child.stdout);
  const [status] = await exited;
  if (status !== 0) throw new Error(`${script} ended with status ${status}`);
  return { result: JSON.parse(output) as T, pinnedToOneCore };
}

async function hasTaskset(): Promise<boolean> {
  try {
    await promisify(execFile)('taskset', ['-c', '0', 'true']);
    return true;
  } catch {
    return false; // not Linux, no util-linux, or core 0 is not ours
  }
}
