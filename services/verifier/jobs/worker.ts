import { OversightError } from '../../../protocols/base/errors.ts';
import { runtimeFailure } from '../engine/runtime.ts';
import { countActivationsAsHeap } from './collector.ts';
import { isRerun, jobSchema, type Progress, type WorkerMessage } from './job.ts';
import { runFidelity } from './run-fidelity.ts';
import { runJob } from './run-job.ts';

/** Entry of the child process: one job by IPC, then its progress and its one result, then the end. */
const send = (message: WorkerMessage): Promise<void> =>
  new Promise((resolve, reject) => {
    if (process.send === undefined) reject(new TypeError('this file runs as a child with an IPC channel'));
    else process.send(message, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });

async function work(raw: unknown): Promise<void> {
  try {
    const job = jobSchema.parse(raw);
    const onProgress = (progress: Progress) => {
      void send({ type: 'progress', progress }).catch(() => process.exit(1)); // the parent is gone
    };
    const outcome = isRerun(job) ? await runJob(job, onProgress) : await runFidelity(job, onProgress);
    await send({ type: 'done', outcome });
  } catch (error) {
    await send(failure(error));
  }
  process.disconnect?.();
}

function failure(error: unknown): WorkerMessage {
  const { code, message, details } = error instanceof OversightError ? error : runtimeFailure(error);
  const reason = typeof details.reason === 'string' ? details.reason : null;
  return { type: 'failed', code, message: message.slice(0, 2000), reason };
}

countActivationsAsHeap();
process.once('message', (raw) => void work(raw));
process.once('disconnect', () => process.exit());
