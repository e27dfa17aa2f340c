import type { FederationId, MemberKey, MessageId } from '../../protocols/base/ids.ts';
import { type Head, MerkleTree, verifyHead } from '../../protocols/feed/index.ts';
import type { Ed25519 } from '../../protocols/identity/ed25519.ts';
import { nativeSha256 } from '../keys/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { Chunk, FeedHead, SyncIntake, SyncSource } from '../network/index.ts';
import type { Clock } from './inbox.ts';
import type { Opener } from './opening/opener.ts';
import type { Quotas } from './quotas.ts';

/** What the record knows of feeds. */
export interface FeedSight {
  /** Over the chain of this feed, up to where it forks; null when nothing of it is held. */
  tree(author: MemberKey): MerkleTree | null;
  /** Whether each message of this chain names the one before it. */
  isLinked(author: MemberKey): boolean;
  /** Whether a charter names this key, or has named it. */
  admits(author: MemberKey): boolean;
}

export interface FeedsOptions {
  readonly federation: FederationId;
  readonly ledger: Ledger;
  readonly sight: FeedSight;
  readonly opener: Pick<Opener, 'read'>;
  readonly ed25519: Ed25519;
  readonly clock: Clock;
  readonly quotas: Pick<Quotas, 'allowance' | 'spend'>;
  /** Told of two heads of one size by one author. */
  readonly onForkedHeads: (head: Head, other: Head) => void;
}

/** The node's feeds as sync sees them: what it shows to peers, and where it puts what they have. */
export class Feeds implements SyncSource, SyncIntake {
  readonly #options: FeedsOptions;

  constructor(options: FeedsOptions) {
    this.#options = options;
  }

  heads(): readonly FeedHead[] {
    return this.#options.ledger.heads().map((feed) => this.#shown(feed));
  }

  headOf(author: MemberKey): FeedHead | null {
    const feed = this.#options.ledger.headOf(author);
    return feed === null || feed.length === 0 ? null : this.#shown(feed);
  }

  /** A head past a fork is not shown: its tree ends at the fork, so nothing could be proven from it. */
  #shown({ author, length, head, fork, signed }: FeedHead): FeedHead {
    const provable = signed !== null && signed.size <= this.tree(author).size;
    return { author, length, head, fork, signed: provable ? signed : null };
  }

  has(messageId: string): boolean {
    return this.#options.ledger.has(messageId as MessageId);
  }

  bundle(author: MemberKey, from: number, to: number): Uint8Array {
    return this.#options.ledger.bundle(author, from, to);
  }

  evidence(author: MemberKey, limit: number): readonly Uint8Array[] {
    return this.#options.ledger.evidence(author, limit);
  }

  tree(author: MemberKey): MerkleTree {
    return this.#options.sight.tree(author) ?? new MerkleTree(nativeSha256);
  }

  isLinked(author: MemberKey): boolean {
    return this.#options.sight.isLinked(author);
  }

  admits(author: MemberKey): boolean {
    return this.#options.sight.admits(author);
  }

  allowance(author: MemberKey): number {
    return this.#options.quotas.allowance(author);
  }

  verifies(head: Head): boolean {
    return verifyHead(head, this.#options.federation, this.#options.ed25519);
  }

  read(author: MemberKey, from: number, wires: readonly Uint8Array[]): Promise<Chunk | null> {
    return this.#options.opener.read(author, from, wires);
  }

  async append({ messages, leaves }: Chunk): Promise<void> {
    const { ledger, clock, quotas } = this.#options;
    const [first] = messages;
    if (first === undefined) return;
    const appended = ledger.appendRange(messages, clock.now(), leaves);
    const bytes = messages.reduce((sum, { wire }) => sum + wire.length, 0);
    quotas.spend(first.author, messages.length, bytes);
    await appended;
  }

  keepHead(head: Head): void {
    this.#options.ledger.keepHead(head);
  }

  forked(head: Head, other: Head): void {
    this.#options.onForkedHeads(head, other);
  }
}
