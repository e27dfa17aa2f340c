import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Spent, Task } from './tasks.ts';

/** A process that does tasks one at a time. */
export interface Side extends AsyncDisposable {
  /** What the first line it printed says of itself. */
  readonly runtimes: Readonly<Record<string, string>>;
  do(task: Task): Promise<Spent>;
}

/** Threads of every library, so that CPU seconds are those of one core. */
const ONE_THREAD = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };

/** @throws Error where the process ends before it is ready */
export async function startSide(command: string, args: readonly string[]): Promise<Side> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...ONE_THREAD },
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${command} ${args.join(' ')} ended early`);
    return JSON.parse(line.value) as T;
  };
  const runtimes = await next<Record<string, string>>();
  return {
    runtimes,
    do: (task) => {
      child.stdin.write(`${JSON.stringify(task)}\n`);
      return next<Spent>();
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
