import { equalBytes } from '../base/bytes.ts';
import type { MemberKey, MessageId } from '../base/ids.ts';
import type { Sha256 } from '../codec/cid.ts';
import { type Hash, leafHash, MerkleTree } from '../feed/index.ts';
import type { Message } from '../message/index.ts';
import { type Counted, isKeptKind, type Kept, toKept } from './kept.ts';

/** Where a feed ends for everyone, whatever comes. spec 08-record §2 */
export interface Stop {
  readonly at: number;
  readonly reason: 'fork' | 'broken-chain';
}

/** Two messages that one key has signed for one sequence. Their ids are equal where only the signatures differ. */
export interface ForkEvidence {
  readonly key: MemberKey;
  readonly at: number;
  readonly messages: readonly [MessageId, MessageId];
}

/** A message that waits for one before it. */
interface Ahead {
  readonly kept: Kept;
  readonly previous: MessageId | null;
  readonly leaf: Hash;
}

/** What one more message did to what is held. */
export interface HeldChange {
  /** Messages that are on the chain from now on, in feed order. */
  readonly appended: readonly Kept[];
  /** Messages that left it, since a fork was found there or before them: as they were kept, where they were. */
  readonly removed: readonly (Counted | Kept)[];
}

/**
 * All messages of one key that have arrived, in any order, and the chain among them: from sequence 0, without a gap,
 * up to the first sequence with two messages. A function of the set. Knows nothing of charters. spec 08-record §2
 */
export class HeldFeed {
  readonly key: MemberKey;
  /** Of the chain. */
  readonly tree: MerkleTree;
  /** Of the chain, by sequence. */
  readonly ids: MessageId[] = [];
  readonly kinds: string[] = [];
  /** Of the chain, by sequence, where the record needs the body. */
  readonly kept = new Map<number, Kept>();
  readonly #sha256: Sha256 | undefined;
  readonly #recalls: boolean;
  readonly #ahead = new Map<number, Ahead>();
  #fork: ForkEvidence | null = null;
  #brokenAt = Number.POSITIVE_INFINITY;
  /** From two inconsistent heads; told by the fold. */
  #provenAt = Number.POSITIVE_INFINITY;

  /** @param recalls bodies that are many and large can be read again */
  constructor(key: MemberKey, sha256?: Sha256, recalls = false) {
    this.key = key;
    this.tree = new MerkleTree(sha256);
    this.#sha256 = sha256;
    this.#recalls = recalls;
  }

  /** Messages on the chain. */
  get length(): number {
    return this.ids.length;
  }

  get fork(): ForkEvidence | null {
    return this.#fork;
  }

  /** The stop that follows from this feed's own messages. */
  get ownStop(): Stop | null {
    const forkAt = this.#fork?.at ?? Number.POSITIVE_INFINITY;
    if (forkAt <= this.#brokenAt) return this.#fork === null ? null : { at: forkAt, reason: 'fork' };
    return { at: this.#brokenAt, reason: 'broken-chain' };
  }

  get stop(): Stop | null {
    const own = this.ownStop;
    if (this.#provenAt === Number.POSITIVE_INFINITY || (own !== null && own.at < this.#provenAt)) return own;
    return { at: this.#provenAt, reason: 'fork' };
  }

  /** Messages of the chain before the stop. */
  get sound(): number {
    return Math.min(this.length, this.stop?.at ?? Number.POSITIVE_INFINITY);
  }

  /** The lowest sequence that two inconsistent heads put in doubt; infinity for none. */
  get provenAt(): number {
    return this.#provenAt;
  }

  set provenAt(at: number) {
    this.#provenAt = at;
  }

  /**
   * Null when the message was known, or stands after a fork and so adds nothing.
   * @param known the leaf hash of its wire, where that is at hand
   */
  add(message: Message, known?: Hash): HeldChange | null {
    const { sequence } = message;
    if (this.#fork !== null && sequence >= this.#fork.at) return null;
    const leaf = known ?? leafHash(message.wire, this.#sha256);
    if (sequence < this.length) {
      if (equalBytes(this.tree.leaf(sequence), leaf)) return null;
      return this.#forkAt(sequence, this.ids[sequence] as MessageId, message.id);
    }
    const other = this.#ahead.get(sequence);
    if (other !== undefined) {
      // spec 08-record §2.2: two messages are two when their bytes differ, be it in the signature alone
      if (equalBytes(other.leaf, leaf)) return null;
      return this.#forkAt(sequence, other.kept.id, message.id);
    }
    const come: Ahead = { kept: toKept(message, this.#recalls), previous: message.previous, leaf };
    if (sequence > this.length) {
      this.#ahead.set(sequence, come);
      return { appended: [], removed: [] };
    }
    const appended: Kept[] = [];
    for (let next: Ahead | undefined = come; next !== undefined; next = this.#ahead.get(this.length)) {
      this.#ahead.delete(this.length);
      appended.push(this.#append(next));
    }
    return { appended, removed: [] };
  }

  #append({ kept, previous, leaf }: Ahead): Kept {
    const at = this.length;
    // spec 08-record §2.3
    if (previous !== (this.ids[at - 1] ?? null)) this.#brokenAt = Math.min(this.#brokenAt, at);
    // the tree goes on: it is the author's log, whatever the log says
    this.tree.append(leaf);
    this.ids.push(kept.id);
    this.kinds.push(kept.kind);
    if (isKeptKind(kept.kind)) this.kept.set(at, kept);
    return kept;
  }

  #forkAt(at: number, one: MessageId, other: MessageId): HeldChange {
    this.#fork = { key: this.key, at, messages: [one, other] };
    for (const sequence of [...this.#ahead.keys()]) if (sequence >= at) this.#ahead.delete(sequence);
    const removed = this.#cut(at);
    if (this.#brokenAt >= at) this.#brokenAt = Number.POSITIVE_INFINITY;
    return { appended: [], removed };
  }

  #cut(at: number): (Counted | Kept)[] {
    const removed: (Counted | Kept)[] = [];
    for (let sequence = at; sequence < this.length; sequence++) {
      removed.push(this.kept.get(sequence) ?? this.at(sequence));
      this.kept.delete(sequence);
    }
    if (removed.length > 0) this.tree.truncate(at);
    this.ids.length -= removed.length;
    this.kinds.length -= removed.length;
    return removed;
  }

  /** @param sequence of the chain */
  at(sequence: number): Counted {
    const [id, kind] = [this.ids[sequence], this.kinds[sequence]];
    if (id === undefined || kind === undefined) throw new RangeError(`no message ${sequence} on the chain`);
    return { id, author: this.key, sequence, kind };
  }
}
