import { setTimeout as delay } from 'node:timers/promises';

/** Resolves once the condition holds; fails with its text after the deadline. For what announces itself by no event. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  options: { readonly timeoutMs?: number; readonly what?: string } = {},
): Promise<void> {
  const end = Date.now() + (options.timeoutMs ?? 20_000);
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not in time: ${options.what ?? condition.toString()}`);
    await delay(10);
  }
}
