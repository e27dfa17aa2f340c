/** How much of one author's feed a node holds without a gap. */
export interface FeedHead {
  /** did:key */
  readonly author: string;
  /** Messages held from sequence 0 on. */
  readonly length: number;
  /** Id of the last of them; null when there is none. */
  readonly head: string | null;
}

/** What sync reads of the ledger. */
export interface SyncSource {
  heads(): Iterable<FeedHead> | AsyncIterable<FeedHead>;
  /** Messages held of this author without a gap. */
  lengthOf(author: string): number;
  /** True for every stored message, those that prove a fork included. */
  has(messageId: string): boolean;
  /** Wire messages with `from <= sequence < to`, fork evidence included, in order of sequence. */
  range(author: string, from: number, to: number): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}
