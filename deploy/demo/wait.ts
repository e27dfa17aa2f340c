import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** The first answer that is not null. @throws Error naming what did not happen in time */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | null>,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<T> {
  for (const end = Date.now() + timeoutMs; ; ) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new Error(`did not happen within ${timeoutMs / 1_000} s: ${what}`);
    await delay(POLL_MS, undefined, { signal });
  }
}
