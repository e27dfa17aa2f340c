import type { MemberKey } from '../../../protocols/base/ids.ts';
import type { Head, MerkleTree } from '../../../protocols/feed/index.ts';
import type { Message } from '../../../protocols/message/index.ts';

/** How much of one author's feed a node holds without a gap, and what it can show for it. */
export interface FeedHead {
  readonly author: MemberKey;
  /** Messages held from sequence 0 on. */
  readonly length: number;
  /** Id of the last of them; null when there is none. */
  readonly head: string | null;
  /** The lowest sequence at which two messages are held; null when there is none. */
  readonly fork: number | null;
  /** The latest head signed by the author that these messages lead to. */
  readonly signed: Head | null;
}

/** What sync reads of the node. */
export interface SyncSource {
  heads(): readonly FeedHead[];
  headOf(author: MemberKey): FeedHead | null;
  /** True for every stored message, those that prove a fork included. */
  has(messageId: string): boolean;
  /** Wires of the chain held with `from <= sequence < to`, in order, each after its length. spec 12-feeds §4.4 */
  bundle(author: MemberKey, from: number, to: number): Uint8Array;
  /** Both wires at each of the lowest sequences where two are held, `limit` sequences at most. */
  evidence(author: MemberKey, limit: number): readonly Uint8Array[];
  /** The tree over the wires of the chain held. */
  tree(author: MemberKey): MerkleTree;
  /** Whether each message of the chain held names the one before it; else it may be two chains, put together. */
  isLinked(author: MemberKey): boolean;
}

/** Messages that follow one another in one feed, read and judged in all but their signatures. */
export interface Chunk {
  readonly messages: readonly Message[];
  /** `leafHash` of each wire. */
  readonly leaves: readonly Uint8Array[];
}

/** Where sync puts what it has fetched. */
export interface SyncIntake {
  /** Whether a charter names this key, so that its messages are wanted. */
  admits(author: MemberKey): boolean;
  /** Messages of this author that its quota lets in now. */
  allowance(author: MemberKey): number;
  /** Whether the author's signature of the head holds. */
  verifies(head: Head): boolean;
  /** Null unless all are well-formed messages of this author from this sequence on. Signatures are not looked at. */
  read(author: MemberKey, from: number, wires: readonly Uint8Array[]): Promise<Chunk | null>;
  /** Durable when it resolves. Only for what a signed head vouches for. */
  append(chunk: Chunk): Promise<void>;
  /** The chain held leads to this head, whose signature holds. */
  keepHead(head: Head): void;
  /** One size, two roots, both signed: the author has two logs. */
  forked(head: Head, other: Head): void;
}
