import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { Json } from './case.ts';

/** spec 15-conformance §1.3 */
export type Answer =
  | { readonly kind: 'output'; readonly output: Json }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'error'; readonly error: string };

/** A program under test, asked one question at a time over its standard input and output. spec 15-conformance §1 */
export class Program {
  readonly #child: ChildProcess;
  readonly #stdin: Writable;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;
  readonly #timeoutMs: number;
  #asked = 0;

  private constructor(child: ChildProcess & { stdin: Writable; stdout: Readable }, timeoutMs: number) {
    this.#child = child;
    this.#stdin = child.stdin;
    this.#timeoutMs = timeoutMs;
    // a program that has ended says so by ending its output; the pipe to it may break first
    child.stdin.on('error', () => undefined);
    this.#closed = once(child, 'close');
    this.#lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })[
      Symbol.asyncIterator
    ]();
  }

  /** @throws OversightError `argument-invalid` when the command cannot be started. */
  static async start([command = '', ...args]: readonly string[], timeoutMs: number): Promise<Program> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw new OversightError('argument-invalid', `${command} cannot be started`, { cause });
    }
    return new Program(child, timeoutMs);
  }

  /** @throws OversightError `peer-failed` when the program ends, stalls or answers something else. */
  async ask(operation: string, input: Json, { signal }: { readonly signal: AbortSignal }): Promise<Answer> {
    this.#asked += 1;
    const id = this.#asked;
    this.#stdin.write(`${JSON.stringify({ id, operation, input })}\n`);
    const late = AbortSignal.timeout(this.#timeoutMs);
    const line = await unlessAborted(this.#lines.next(), AbortSignal.any([signal, late])).catch((cause) => {
      if (!late.aborted) throw cause;
      throw new OversightError('peer-failed', `no answer to ${operation} in ${this.#timeoutMs} ms`, {
        cause,
      });
    });
    if (line.done) throw new OversightError('peer-failed', `the program ended when asked for ${operation}`);
    return readAnswer(line.value, id);
  }

  /** Ends the program: by the end of its input, or by a signal where that is not enough. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stdin.end();
    this.#child.kill();
    await this.#closed;
  }
}

function readAnswer(line: string, id: number): Answer {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch (cause) {
    throw new OversightError('peer-failed', 'the program answered with a line that is not JSON', { cause });
  }
  if (typeof answer !== 'object' || answer === null || !('id' in answer) || answer.id !== id)
    throw new OversightError('peer-failed', `the program did not answer request ${id}`);
  if ('output' in answer) return { kind: 'output', output: answer.output as Json };
  if ('unsupported' in answer && answer.unsupported === true) return { kind: 'unsupported' };
  return { kind: 'error', error: 'error' in answer ? String(answer.error) : 'neither output nor error' };
}

/** Rejects with the signal's reason as soon as it aborts. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
