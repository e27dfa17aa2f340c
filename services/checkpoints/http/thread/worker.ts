import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../../../protocols/base/errors.ts';
import { SourceError } from '../../fetch/block-source.ts';
import { HttpExchange } from '../http-exchange.ts';
import type { Job, Reply } from './job.ts';

/** Servers whose connections are kept; those of others close when they are idle. */
const SERVERS_KEPT = 64;

/** A thread that reads over HTTP: jobs are done side by side, and replied to as they end. */
const exchanges = new Map<string, HttpExchange>();
const running = new Map<number, AbortController>();

parentPort?.on('message', (job: Job) => {
  if ('cancel' in job) return running.get(job.cancel)?.abort();
  void run(job).then((reply) => parentPort?.postMessage(reply));
});

async function run(job: Exclude<Job, { readonly cancel: number }>): Promise<Reply> {
  const { id, path, headers, expect, limitBytes } = job;
  const stop = new AbortController();
  running.set(id, stop);
  const into = job.into === null ? null : Buffer.from(job.into);
  try {
    const asked = { path, headers, expect, limitBytes, into, signal: stop.signal };
    const body = await exchangeOf(job).get(asked);
    if (body === null) return { id, outcome: 'absent' };
    if (body.buffer === job.into) return { id, outcome: 'read', lengthBytes: body.length };
    return { id, outcome: 'body', body };
  } catch (error) {
    const code = error instanceof SourceError ? error.code : 'closed';
    return { id, outcome: 'fault', code, detail: messageOf(error) };
  } finally {
    running.delete(id);
  }
}

function exchangeOf({ name, base, connections, redirects }: Exclude<Job, { readonly cancel: number }>) {
  const key = JSON.stringify([name, base, connections, redirects]);
  const exchange = exchanges.get(key) ?? new HttpExchange(name, new URL(base), { connections, redirects });
  exchanges.delete(key); // to the end: the one used longest ago is forgotten first
  exchanges.set(key, exchange);
  if (exchanges.size > SERVERS_KEPT) exchanges.delete(exchanges.keys().next().value as string);
  return exchange;
}
