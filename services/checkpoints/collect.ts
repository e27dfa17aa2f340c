import { join, sep } from 'node:path';
import type { ContentId } from '../../protocols/base/ids.ts';
import { throwIfCancelled } from './failures.ts';
import type { CheckpointStore } from './store.ts';

/** A checkpoint that nobody here needs: whole, or what a fetch that was cut off has left. */
export interface Garbage {
  readonly cid: ContentId;
  readonly sizeBytes: number;
  readonly state: 'whole' | 'partial';
}

export interface CollectOptions {
  readonly signal: AbortSignal;
  /** Asked of each once more at the moment it goes. */
  readonly isKept: (cid: ContentId) => boolean;
  /** Tells what would go, and leaves it. */
  readonly dryRun: boolean;
}

/**
 * Removes what the store has fetched and nobody keeps. What its publisher's own files hold stays: it takes no room here.
 * A crash half-way leaves a part that the next run removes.
 * @returns what went, or would go
 */
export async function collectGarbage(
  store: CheckpointStore,
  { signal, isKept, dryRun }: CollectOptions,
): Promise<readonly Garbage[]> {
  const gone: Garbage[] = [];
  for (const garbage of await candidates(store)) {
    throwIfCancelled(signal);
    if (isKept(garbage.cid)) continue;
    // the answer and the removal are of one moment: `remove` takes the place before it first waits
    if (dryRun || (await store.remove(garbage.cid))) gone.push(garbage);
  }
  return gone;
}

async function candidates(store: CheckpointStore): Promise<readonly Garbage[]> {
  const stored = await store.list();
  const published = await Promise.all(
    stored.filter(({ origin }) => origin === 'published').map(({ cid }) => store.directory(cid)),
  );
  const whole: Garbage[] = [];
  for (const { cid, sizeBytes, origin } of stored) {
    if (origin === 'published') continue;
    const own = join(await store.directory(cid), sep);
    // somebody publishes a part of it, in place
    if (published.some((directory) => join(directory, sep).startsWith(own))) continue;
    whole.push({ cid, sizeBytes, state: 'whole' });
  }
  const partial = (await store.partial()).map((each): Garbage => ({ ...each, state: 'partial' }));
  return [...whole, ...partial];
}
