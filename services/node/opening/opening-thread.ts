import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FederationId } from '../../../protocols/base/ids.ts';
import type { OpeningJob, OpeningReply } from './job.ts';

interface Due {
  readonly resolve: (reply: OpeningReply | null) => void;
}

/** Many times what a job needs. A thread that dies of it leaves its work to the node's own. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 192 };

/** One worker and what it has been given. */
export class OpeningThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #due: Due[] = [];
  #dead = false;

  constructor(federation: FederationId) {
    // the file beside this one: .ts in a clone, .js in a build
    this.#worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: { federation },
      resourceLimits: THREAD_LIMITS,
    });
    this.#worker.unref();
    this.#worker.on('message', (reply: OpeningReply) => this.#due.shift()?.resolve(reply));
    this.#worker.on('error', () => this.#die());
    this.#worker.on('exit', () => this.#die());
  }

  /** Jobs that it has not answered. */
  get jobs(): number {
    return this.#due.length;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Null when the thread died: the work has not been done. */
  run(job: OpeningJob): Promise<OpeningReply | null> {
    if (this.#dead) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#due.push({ resolve });
      this.#worker.postMessage(job, [job.bundle.buffer]);
    });
  }

  #die(): void {
    this.#dead = true;
    for (const { resolve } of this.#due.splice(0)) resolve(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
