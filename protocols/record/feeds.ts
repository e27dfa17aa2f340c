import type { MemberKey, MessageId } from '../base/ids.ts';
import { FORK_EVIDENCE_LIMIT } from '../base/limits.ts';
import type { Message } from '../message/index.ts';

/** Why an author's later messages do not count. spec 08-record §2 */
export type Stop = { readonly at: number; readonly reason: 'fork' | 'broken-chain' };

export interface CountedFeed {
  readonly author: MemberKey;
  /** Messages 0 to length - 1, each naming the one before. */
  readonly counted: readonly Message[];
  readonly stop: Stop | null;
}

/** All messages of one author that have arrived, in any order, and the part of them that counts. */
export class FeedSet {
  readonly #author: MemberKey;
  readonly #bySequence = new Map<number, Map<MessageId, Message>>();

  constructor(author: MemberKey) {
    this.#author = author;
  }

  /** False when it was known, or adds nothing to a fork already proven. */
  add(message: Message): boolean {
    const siblings = this.#bySequence.get(message.sequence) ?? new Map<MessageId, Message>();
    if (siblings.has(message.id) || siblings.size >= FORK_EVIDENCE_LIMIT) return false;
    this.#bySequence.set(message.sequence, siblings.set(message.id, message));
    return true;
  }

  /** The longest chain from sequence 0 without a gap or a fork: a function of the set, not of the order. */
  counted(): CountedFeed {
    const counted: Message[] = [];
    let previous: MessageId | null = null;
    for (;;) {
      const siblings = this.#bySequence.get(counted.length);
      if (siblings === undefined) return this.#result(counted, null);
      // spec 08-record §2.2
      if (siblings.size > 1) return this.#result(counted, 'fork');
      const [message] = siblings.values() as Iterable<Message> as [Message];
      // spec 08-record §2.3
      if (message.previous !== previous) return this.#result(counted, 'broken-chain');
      counted.push(message);
      previous = message.id;
    }
  }

  #result(counted: readonly Message[], reason: Stop['reason'] | null): CountedFeed {
    return {
      author: this.#author,
      counted,
      stop: reason === null ? null : { at: counted.length, reason },
    };
  }
}
