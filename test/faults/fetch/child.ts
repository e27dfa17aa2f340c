import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A script beside this one in a process of its own, which prints lines of JSON. */
export class Child<Line> implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  readonly lines: AsyncIterable<Line>;

  constructor(script: string, options: unknown) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const child = spawn(process.execPath, [path, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    this.#exited = once(child, 'exit');
    const texts = createInterface({ input: child.stdout });
    this.lines = (async function* () {
      for await (const text of texts) yield JSON.parse(text) as Line;
    })();
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
