import type { ContentId, MemberKey } from '../../../protocols/base/ids.ts';
import type { Plain } from '../../../protocols/base/plain.ts';
import { contentReference, isKind } from '../../../protocols/kinds/index.ts';
import { readStored } from '../../../protocols/message/index.ts';
import { nativeSha256 } from '../../keys/index.ts';

/** Messages of a feed that are stored here. */
export interface OwnFeeds {
  lengthOf(author: MemberKey): number;
  range(author: MemberKey, from: number, to: number): readonly Uint8Array[];
}

/** Messages read at a time. */
const BATCH = 256;

/**
 * What this member has said it keeps, has released or refers to in any of its messages, whether or not these count for
 * others: a promise is one's own word. Reads each message once.
 */
export class OwnContent {
  readonly #feeds: OwnFeeds;
  readonly #keys: () => readonly MemberKey[];
  readonly #read = new Map<MemberKey, number>();
  readonly #promised = new Map<ContentId, number | null>();
  readonly #named = new Set<ContentId>();

  /** @param keys of this member, the oldest first */
  constructor(feeds: OwnFeeds, keys: () => readonly MemberKey[]) {
    this.#feeds = feeds;
    this.#keys = keys;
  }

  /** Whether a message stored by now asks for it at this time, in milliseconds. */
  keeps(cid: ContentId, atMs: number): boolean {
    this.#update();
    return this.#named.has(cid) || atMs < (this.#promised.get(cid) ?? Number.NEGATIVE_INFINITY);
  }

  /** Whether its last word on a checkpoint was that it keeps it no longer. */
  hasTakenBack(cid: ContentId): boolean {
    this.#update();
    return this.#promised.get(cid) === null;
  }

  #update(): void {
    for (const key of this.#keys()) {
      const length = this.#feeds.lengthOf(key);
      for (let from = this.#read.get(key) ?? 0; from < length; from += BATCH) {
        for (const wire of this.#feeds.range(key, from, Math.min(length, from + BATCH))) this.#take(wire);
      }
      this.#read.set(key, length);
    }
  }

  #take(wire: Uint8Array): void {
    const message = readStored(wire, nativeSha256);
    if (isKind(message, 'pin/1')) {
      this.#promised.set(message.body.checkpoint.cid, message.body.until);
      return;
    }
    for (const cid of referencesIn(message.body)) this.#named.add(cid);
  }
}

/** Content references at any depth: also of kinds that this version does not know. */
function* referencesIn(value: Plain): Iterable<ContentId> {
  if (typeof value !== 'object' || value === null) return;
  const reference = contentReference.safeParse(value);
  if (reference.success) yield reference.data.cid;
  for (const inner of Object.values(value)) yield* referencesIn(inner as Plain);
}
