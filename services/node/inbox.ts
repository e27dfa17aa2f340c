import { equalBytes } from '../../protocols/base/bytes.ts';
import type { AuthorityRefusal } from '../../protocols/charter/index.ts';
import { claimedAuthor } from '../../protocols/message/claimed-author.ts';
import type { Message, OpenRefusal } from '../../protocols/message/index.ts';
import type { AppendResult, Ledger } from '../ledger/index.ts';
import { type Authority, mayPublishAt } from './authority.ts';
import type { Opener } from './opening/opener.ts';
import { type Quotas, quotasOf, type Share } from './quotas.ts';

export type Refusal =
  | OpenRefusal
  | AuthorityRefusal
  | 'over-quota'
  | 'duplicate'
  | 'surplus'
  | 'pending-full';
export type Decision = 'accept' | 'ignore' | 'reject';

export interface Admission {
  readonly decision: Decision;
  /** The message, when this call made it durable here, in its feed or waiting for one before it. */
  readonly fresh: Message | null;
  readonly refusal: Refusal | null;
}

export interface Arrival {
  readonly live: boolean;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** Judges bytes from anywhere: form, signature, authority, time; then makes them durable. spec 05-message §5, 06-charter §4 */
export class Inbox {
  readonly #authority: Authority;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #opener: Pick<Opener, 'open'>;
  readonly #refusals = new Map<Refusal, number>();
  /** What each author may still make this node store, however it comes. */
  readonly quotas: Quotas;

  constructor(authority: Authority, ledger: Ledger, clock: Clock, opener: Pick<Opener, 'open'>) {
    this.#authority = authority;
    this.#ledger = ledger;
    this.#clock = clock;
    this.quotas = quotasOf(authority, ledger, clock);
    this.#opener = opener;
  }

  /** Refused bytes, by reason, since the start. */
  refusals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refusals);
  }

  /**
   * Resolves once the message is durable or refused.
   * @param arrival `live`: just spoken, by gossip
   * @throws OversightError when the ledger cannot take it, so that the transport offers it again.
   */
  async accept(wire: Uint8Array, { live }: Arrival = { live: false }): Promise<Admission> {
    if (live && this.#isShedUnread(wire)) return this.#refuse('over-quota');
    const opened = await this.#opener.open(ownBytes(wire));
    if (!opened.ok) return this.#refuse(opened.reason);
    const message = opened.value;
    // spec 06-charter §4: an amendment that names it may not have come yet
    if (!this.#authority.admits(message.author)) return this.#refuse('not-a-member');
    // spec 11-network §2.2
    const share = this.#shareOf(message, live);
    if (share !== null && !this.quotas.take(share)) return this.#refuse('over-quota');
    // spec 11-network §2.3
    if (this.#isLowerFork(message) && !this.quotas.takeLowerFork(message.author))
      return this.#refuse('over-quota');
    const result: AppendResult = await this.#ledger.append(message, this.#clock.now());
    if (result !== 'appended' && result !== 'pending') {
      if (share !== null) this.quotas.giveBack(share);
      return this.#refuse(result);
    }
    // spec 06-charter §4: a leaf of its feed all the same
    const { author, sequence, kind } = message;
    const mayPublish = mayPublishAt(this.#authority, author, sequence, kind);
    if (!mayPublish) this.#count('role-may-not');
    return { decision: 'accept', fresh: message, refusal: mayPublish ? null : 'role-may-not' };
  }

  /** While an author's account is empty, what says it is by that author need not be opened. spec 11-network §2.2 */
  #isShedUnread(wire: Uint8Array): boolean {
    const author = claimedAuthor(wire);
    return author !== null && this.#authority.admits(author) && this.quotas.isEmpty(author, wire.length);
  }

  /** Whether it proves a fork below one that is proven: a member could do so again and again. */
  #isLowerFork({ author, sequence, id, wire }: Message): boolean {
    const feed = this.#ledger.headOf(author);
    if (feed === null || feed.fork === null || sequence >= Math.min(feed.fork, feed.length)) return false;
    const held = this.#ledger.get(id);
    return held === null || !equalBytes(held.wire, wire);
  }

  /** Null for what is held already, or proves a fork: of neither is there more than a quota would bound. */
  #shareOf({ author, sequence, wire }: Message, live: boolean): Share | null {
    const length = this.#ledger.lengthOf(author);
    return sequence < length ? null : { author, sequence, bytes: wire.length, length, live };
  }

  #count(refusal: Refusal): void {
    this.#refusals.set(refusal, (this.#refusals.get(refusal) ?? 0) + 1);
  }

  #refuse(refusal: Refusal): Admission {
    this.#count(refusal);
    return { decision: decisionOn(refusal), fresh: null, refusal };
  }
}

/** A transport's bytes are a view of a larger buffer, which a message that is kept would keep too. */
function ownBytes(wire: Uint8Array): Uint8Array {
  return wire.byteLength === wire.buffer.byteLength ? wire : new Uint8Array(wire);
}

/** What the neighbour who sent it should have known costs it its score; the rest is nobody's fault. spec 11-network §2 */
export function decisionOn(refusal: Refusal): Exclude<Decision, 'accept'> {
  switch (refusal) {
    case 'too-large':
    case 'not-canonical':
    case 'envelope-invalid':
    case 'signature-invalid':
    case 'wrong-federation':
    case 'body-invalid':
      return 'reject';
    case 'not-a-member':
    case 'role-may-not':
    case 'over-quota':
    case 'duplicate':
    case 'surplus':
    case 'pending-full':
      return 'ignore';
  }
}
