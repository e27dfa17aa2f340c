import { parentPort, workerData } from 'node:worker_threads';
import type { FederationId } from '../../../protocols/base/ids.ts';
import { openingContext } from './context.ts';
import { type OpeningJob, runJob } from './job.ts';

/** A thread that opens messages: jobs come in order, and their replies leave in that order. */
const context = openingContext((workerData as { federation: FederationId }).federation);
parentPort?.on('message', (job: OpeningJob) => {
  const reply = runJob(job, context);
  parentPort?.postMessage(reply, [reply.leaves.buffer]);
});
