import type { MemberKey, MessageId } from '../base/ids.ts';
import { FORK_EVIDENCE_LIMIT } from '../base/limits.ts';
import type { Message } from '../message/index.ts';

/** Why an author's later messages do not count. spec 08-record §2 */
export type Stop = { readonly at: number; readonly reason: 'fork' | 'broken-chain' };

/** What one more message did to what counts. */
export interface FeedChange {
  /** Messages that count from now on, in feed order: the new one and those that waited for it. */
  readonly counted: readonly Message[];
  /** Messages that counted until the fork that this message proves. */
  readonly voided: readonly Message[];
}

const NO_CHANGE: FeedChange = { counted: [], voided: [] };

/**
 * All messages of one author that have arrived, in any order, and the part of them that counts: the longest chain
 * from sequence 0 without a gap or a fork. A function of the set, not of the order. spec 08-record §2
 */
export class Feed {
  readonly author: MemberKey;
  readonly #bySequence = new Map<number, Map<MessageId, Message>>();
  #counted: Message[] = [];
  #stop: Stop | null = null;

  constructor(author: MemberKey) {
    this.author = author;
  }

  get counted(): readonly Message[] {
    return this.#counted;
  }

  get stop(): Stop | null {
    return this.#stop;
  }

  /** Null when the message was known, or adds nothing to a fork already proven. */
  add(message: Message): FeedChange | null {
    const siblings = this.#bySequence.get(message.sequence) ?? new Map<MessageId, Message>();
    if (siblings.has(message.id) || siblings.size >= FORK_EVIDENCE_LIMIT) return null;
    this.#bySequence.set(message.sequence, siblings.set(message.id, message));
    if (message.sequence < this.#counted.length) return this.#stopAt(message.sequence, 'fork');
    if (message.sequence > this.#counted.length) return NO_CHANGE;
    return this.#extend();
  }

  /** Takes up what follows the counted part, as far as it goes. */
  #extend(): FeedChange {
    const from = this.#counted.length;
    for (;;) {
      const at = this.#counted.length;
      const siblings = this.#bySequence.get(at);
      if (siblings === undefined) break;
      // spec 08-record §2.2
      if (siblings.size > 1) {
        this.#stop = { at, reason: 'fork' };
        break;
      }
      const [message] = siblings.values() as Iterable<Message> as [Message];
      // spec 08-record §2.3
      if (message.previous !== (this.#counted[at - 1]?.id ?? null)) {
        this.#stop = { at, reason: 'broken-chain' };
        break;
      }
      this.#counted.push(message);
    }
    return { counted: this.#counted.slice(from), voided: [] };
  }

  #stopAt(at: number, reason: Stop['reason']): FeedChange {
    const voided = this.#counted.slice(at);
    this.#counted = this.#counted.slice(0, at);
    this.#stop = { at, reason };
    return { counted: [], voided };
  }
}
