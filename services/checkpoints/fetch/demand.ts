import type { ContentId } from '../../../protocols/base/ids.ts';

type State = 'waiting' | 'asked' | 'done';

/**
 * Which blocks are still wanted and who may be asked for them. Each source reads one growing list with its own cursor,
 * so a source without the content costs one pass and not a pass for each block.
 */
export class Demand {
  readonly #queue: ContentId[] = [];
  readonly #states = new Map<ContentId, State>();
  readonly #cursors = new Map<string, number>();
  readonly #lacking = new Map<string, Set<ContentId>>();
  #left: number;
  #change = Promise.withResolvers<void>();

  constructor(cids: Iterable<ContentId>) {
    for (const cid of cids) {
      if (this.#states.has(cid)) continue;
      this.#states.set(cid, 'waiting');
      this.#queue.push(cid);
    }
    this.#left = this.#queue.length;
  }

  get left(): number {
    return this.#left;
  }

  /** Settles when a block has come or was given back. */
  get changed(): Promise<void> {
    return this.#change.promise;
  }

  /** Up to `limit` blocks to ask of `source`; none when it has been asked for all that wait. */
  take(source: string, limit: number): ContentId[] {
    const lacking = this.#lacking.get(source);
    const batch: ContentId[] = [];
    let cursor = this.#cursors.get(source) ?? 0;
    for (; cursor < this.#queue.length && batch.length < limit; cursor++) {
      const cid = this.#queue[cursor] as ContentId;
      if (this.#states.get(cid) !== 'waiting' || lacking?.has(cid) === true) continue;
      this.#states.set(cid, 'asked');
      batch.push(cid);
    }
    this.#cursors.set(source, cursor);
    return batch;
  }

  /** False when nobody asked for it or it is here already. */
  done(cid: ContentId): boolean {
    if (this.#states.get(cid) !== 'asked') return false;
    this.#states.set(cid, 'done');
    this.#left--;
    this.#notify();
    return true;
  }

  /** Offers blocks to the other sources, or to all where the source failed before it could say that it lacks them. */
  giveBack(source: string, cids: readonly ContentId[], why: 'lacks' | 'failed'): void {
    const lacking = this.#lacking.get(source) ?? new Set();
    this.#lacking.set(source, lacking);
    for (const cid of cids) {
      if (this.#states.get(cid) !== 'asked') continue;
      this.#states.set(cid, 'waiting');
      this.#queue.push(cid);
      if (why === 'lacks') lacking.add(cid);
    }
    this.#notify();
  }

  firstWaiting(): ContentId | null {
    for (const [cid, state] of this.#states) if (state !== 'done') return cid;
    return null;
  }

  #notify(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers<void>();
    resolve();
  }
}
