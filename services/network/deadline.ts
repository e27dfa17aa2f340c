import { OversightError } from '../../protocols/base/errors.ts';

/** Aborts when the caller does, or when nobody has called `extend` for `ms`. Dispose to free the timer. */
export class Deadline implements Disposable {
  readonly signal: AbortSignal;
  readonly #own = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout;

  constructor(ms: number, signal: AbortSignal) {
    this.#ms = ms;
    this.signal = AbortSignal.any([signal, this.#own.signal]);
    this.#timer = this.#arm();
  }

  extend(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#arm();
  }

  #arm(): NodeJS.Timeout {
    return setTimeout(
      () => this.#own.abort(new OversightError('peer-failed', `the peer was silent for ${this.#ms} ms`)),
      this.#ms,
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Throws `cancelled` when the caller gave up, and the signal's own OversightError when a deadline did. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw stopError(signal);
}

export function stopError(signal: AbortSignal): OversightError {
  const reason: unknown = signal.reason;
  return reason instanceof OversightError
    ? reason
    : new OversightError('cancelled', 'the operation was cancelled', { cause: reason });
}

/** Rejects as soon as the signal fires; what the promise does after that is ignored. */
export function untilStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.reject(stopError(signal));
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(stopError(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The items of an iterable whose owner may never answer: the wait ends with the signal. */
export async function* untilStoppedEach<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await untilStopped(iterator.next(), signal);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    iterator.return?.()?.then(
      () => {},
      () => {}, // one that never answers cannot be waited for either
    );
  }
}
