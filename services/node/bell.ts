/** Wakes everyone who waits, each time it rings. Waiters hold no place in a queue, so it cannot grow. */
export class Bell {
  #waiting = Promise.withResolvers<void>();

  ring(): void {
    const { resolve } = this.#waiting;
    this.#waiting = Promise.withResolvers();
    resolve();
  }

  /** Resolves at the next ring, or when the signal aborts. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    void this.#waiting.promise.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    return promise;
  }
}
