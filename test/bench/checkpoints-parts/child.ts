import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Child<T> {
  /** The first line it prints, as JSON. */
  readonly ready: T;
  /** Closes its input, which tells it to end; the last line it prints, as JSON. */
  end<L>(): Promise<L>;
}

/** A script beside this one in a process of its own, which prints a line of JSON when ready and one at its end. */
export async function start<T>(script: string, args: readonly string[]): Promise<Child<T>> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const process_ = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(process_, 'exit');
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error(`${script} ended early`);
  return { ready: JSON.parse(first.value) as T, end: <L>() => finish<L>(script, process_, lines, exited) };
}

async function finish<L>(
  script: string,
  child: ChildProcess,
  lines: AsyncIterator<string>,
  exited: Promise<unknown[]>,
): Promise<L> {
  child.stdin?.end();
  const last = await lines.next();
  const [status] = await exited;
  if (status !== 0 || last.done === true) throw new Error(`${script} ended with status ${String(status)}`);
  return JSON.parse(last.value) as L;
}

/** For the script: prints a line. */
export function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** For the script: settles once its parent has closed our input. */
export async function told(): Promise<void> {
  process.stdin.resume();
  await once(process.stdin, 'end');
}
