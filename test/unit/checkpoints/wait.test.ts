import { expect, it } from 'vitest';
import { waitFor, within } from '../../../services/checkpoints/wait.ts';

const CANCELLED = { code: 'cancelled' };

it('a failure that comes after we stopped waiting is nobody’s, and ends no process', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const stopped = AbortSignal.abort();
  await expect(waitFor(Promise.reject(new Error('late')), stopped)).rejects.toMatchObject(CANCELLED);
  const step = () => Promise.reject(new Error('late'));
  await expect(within(1_000, stopped, step)).rejects.toMatchObject(CANCELLED);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
