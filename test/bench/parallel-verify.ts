import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Two threads that do nothing but verify signatures, each its half of the corpus. */
export class ParallelVerify implements AsyncDisposable {
  readonly #count: number;
  readonly #threads: Worker[];

  private constructor(count: number, threads: Worker[]) {
    this.#count = count;
    this.#threads = threads;
  }

  static async start(corpus: readonly Uint8Array[]): Promise<ParallelVerify> {
    const half = corpus.length / 2;
    const threads = [corpus.slice(0, half), corpus.slice(half)].map(
      (workerData) => new Worker(new URL('parallel-verify-thread.ts', import.meta.url), { workerData }),
    );
    await Promise.all(threads.map((thread) => once(thread, 'message')));
    return new ParallelVerify(corpus.length, threads);
  }

  /** Milliseconds that verifying takes both of them, a message. */
  async measure(): Promise<number> {
    const start = performance.now();
    const ready = Promise.all(this.#threads.map((thread) => once(thread, 'message')));
    for (const thread of this.#threads) thread.postMessage('go');
    await ready;
    return (performance.now() - start) / this.#count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}
