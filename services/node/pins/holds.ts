import type { ContentId } from '../../../protocols/base/ids.ts';

/** What is in use, or on its way to be promised: counted, since several may hold one thing. */
export class Holds {
  readonly #held = new Map<ContentId, number>();
  readonly #lasting = new Set<ContentId>();

  has(cid: ContentId): boolean {
    return this.#held.has(cid) || this.#lasting.has(cid);
  }

  /** As long as the node runs. */
  keep(cid: ContentId): void {
    this.#lasting.add(cid);
  }

  /** Until it is disposed. */
  hold(...cids: readonly ContentId[]): Disposable {
    for (const cid of cids) this.#held.set(cid, (this.#held.get(cid) ?? 0) + 1);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) for (const cid of cids) this.#release(cid);
        isHeld = false;
      },
    };
  }

  #release(cid: ContentId): void {
    const left = (this.#held.get(cid) ?? 1) - 1;
    if (left === 0) this.#held.delete(cid);
    else this.#held.set(cid, left);
  }
}
