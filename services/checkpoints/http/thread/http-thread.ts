import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { throwIfCancelled } from '../../failures.ts';
import { SourceError } from '../../fetch/block-source.ts';
import { waitFor } from '../../wait.ts';
import type { Asked, OpenExchange } from '../http-exchange.ts';
import type { Job, Reply } from './job.ts';

const THREAD_LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 64 };

/**
 * Reads over HTTP in a thread of its own. Each 64 KiB that come cost the collector a buffer, and in a small heap that
 * is nothing; in the node's it took half of a fetch's time, measured.
 */
export class HttpThread implements AsyncDisposable {
  readonly #due = new Map<number, (reply: Reply) => void>();
  #worker: Worker | null = null;
  #lastId = 0;
  #disposed = false;

  readonly open: OpenExchange = (name, base, { connections, redirects = 0 }) => ({
    get: (asked) => this.#get({ name, base: base.href, connections, redirects }, asked),
  });

  async #get(
    server: Pick<Exclude<Job, { cancel: number }>, 'name' | 'base' | 'connections' | 'redirects'>,
    { path, headers = {}, expect, limitBytes, into = null, signal }: Asked,
  ): Promise<Uint8Array | null> {
    throwIfCancelled(signal);
    const id = ++this.#lastId;
    const worker = this.#start();
    const shared = into?.buffer instanceof SharedArrayBuffer ? into.buffer : null;
    const answer = new Promise<Reply>((resolve) => this.#due.set(id, resolve));
    const job: Job = { id, ...server, path, headers, expect, limitBytes, into: shared };
    worker.postMessage(job);
    try {
      const reply = await waitFor(answer, signal);
      if (reply.outcome === 'fault') throw new SourceError(reply.code, reply.detail);
      if (reply.outcome === 'absent') return null;
      return reply.outcome === 'body' ? reply.body : (into as Buffer).subarray(0, reply.lengthBytes);
    } finally {
      if (this.#due.delete(id)) worker.postMessage({ cancel: id } satisfies Job);
    }
  }

  /** The thread, started when it is first asked, or after it died. */
  #start(): Worker {
    if (this.#disposed) throw new SourceError('closed', 'the node is stopping');
    if (this.#worker !== null) return this.#worker;
    // the file beside this one: .ts in a clone, .js in a build
    const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
      resourceLimits: THREAD_LIMITS,
    });
    worker.unref();
    worker.on('message', (reply: Reply) => {
      const resolve = this.#due.get(reply.id);
      this.#due.delete(reply.id);
      resolve?.(reply);
    });
    worker.on('error', () => this.#lose(worker));
    worker.on('exit', () => this.#lose(worker));
    this.#worker = worker;
    return worker;
  }

  #lose(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const [id, resolve] of this.#due)
      resolve({ id, outcome: 'fault', code: 'closed', detail: 'the thread that reads over HTTP ended' });
    this.#due.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#worker?.terminate();
  }
}
