import { throwIfCancelled } from './failures.ts';

/** Waits for `promise` until the signal aborts. The promise goes on without us: its owner is someone else. */
export async function waitFor<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => undefined); // where we have left, its failure is nobody's
  throwIfCancelled(signal);
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => {
    try {
      throwIfCancelled(signal);
    } catch (error) {
      reject(error);
    }
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Runs a step that must answer within `timeoutMs`; its signal aborts then, or when ours does. */
export async function within<T>(
  timeoutMs: number,
  signal: AbortSignal,
  step: (signal: AbortSignal) => Promise<T>,
): Promise<T | 'timed-out'> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    return await waitFor(step(either), either);
  } catch (error) {
    if (timeout.signal.aborted && !signal.aborted) return 'timed-out';
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
