/** The clock of whoever waits: the machine's, or a test's. */
export interface Timer {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Resolves after the time, or early when the signal aborts: who stops has no failure to tell. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemTimer: Timer = {
  now: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done, { once: true });
    }),
};
