import { type ErrorCode, OversightError } from '../../../protocols/base/errors.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { type Job, jobSchema, type Progress, type RerunOutcome, workerMessageSchema } from './job.ts';
import { watchMemory } from './watch-memory.ts';
import { type Exit, startWorker, type Worker } from './worker-process.ts';

/** Below this the engine itself, without a model, does not fit (measured: 150 MiB on x64), and dies in ways that name nothing. */
export const MINIMUM_MEMORY_BYTES = 192 * 2 ** 20;

/** Past this a timer fires at once (Node, timers): 24 days. */
const TIMER_LIMIT_MS = 2 ** 31 - 1;

export interface RerunOptions {
  readonly signal: AbortSignal;
  readonly limits: { readonly timeMs: number; readonly memoryBytes: number };
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Re-runs a finding, or measures an analog's fidelity, in a child process. The child is killed by signal when its time or memory is used up or the caller
 * aborts, since the engine's run call blocks and cannot be cancelled. A refused job says why and carries no numbers.
 * `reason` is an error code; `detail` begins with the failed check where there is one.
 * @throws OversightError `argument-invalid` for a job that is not one.
 */
export async function rerun(
  job: Job,
  { signal, limits, onProgress }: RerunOptions,
): Promise<Result<RerunOutcome, ErrorCode>> {
  const parsed = jobSchema.safeParse(job);
  if (!parsed.success) throw new OversightError('argument-invalid', `not a job: ${parsed.error.message}`);
  if (signal.aborted) return refuse('cancelled', 'cancelled before it began');
  if (limits.memoryBytes < MINIMUM_MEMORY_BYTES)
    return refuse('engine-memory-exceeded', `the engine alone needs ${MINIMUM_MEMORY_BYTES} bytes`);
  const worker = startWorker(limits.memoryBytes);
  let verdict: Result<RerunOutcome, ErrorCode> | null = null;
  const end = (reason: ErrorCode, detail: string) => {
    verdict ??= refuse(reason, detail);
    worker.kill();
  };
  const onAbort = () => end('cancelled', 'cancelled by the caller');
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(
    () => end('engine-time-exceeded', `no result in ${limits.timeMs} ms`),
    Math.min(limits.timeMs, TIMER_LIMIT_MS),
  );
  using memory = watchMemory(
    worker.pid,
    { residentBytes: limits.memoryBytes, kernelBytes: worker.kernelLimitBytes },
    () => end('engine-memory-exceeded', `more than ${limits.memoryBytes} bytes resident`),
  );
  worker.onMessage((raw) => {
    const message = workerMessageSchema.safeParse(raw);
    if (!message.success) end('engine-crashed', 'the worker said something that is not a result');
    else if (message.data.type === 'progress') onProgress?.(message.data.progress);
    else if (message.data.type === 'done') verdict ??= accept(message.data.outcome);
    else verdict ??= refuse(message.data.code, failureDetail(message.data));
  });
  try {
    worker.send({ ...parsed.data, memoryBytes: limits.memoryBytes });
    const exit = await worker.exited;
    return verdict ?? died(exit, memory.nearKernelLimit);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    await stop(worker);
  }
}

function failureDetail({ message, reason }: { message: string; reason: string | null }): string {
  return reason === null ? message : `${reason}: ${message}`;
}

/**
 * The child ended without a result. Neither V8 nor the C++ runtime has an exit code for running out of memory: it shows
 * in what they print and in how close the process was to its limit.
 */
function died({ code, signal, stderr }: Exit, nearLimit: boolean): Result<RerunOutcome, ErrorCode> {
  const ending = signal ?? `status ${code}`;
  if (nearLimit || /out of memory|bad_alloc|failed to allocate/i.test(stderr))
    return refuse('engine-memory-exceeded', `the worker ran out of memory (${ending})`);
  return refuse('engine-crashed', `the worker ended by ${ending}`);
}

async function stop(worker: Worker): Promise<void> {
  worker.kill();
  await worker.exited;
}
