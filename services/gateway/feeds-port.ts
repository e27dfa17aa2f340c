import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { TileName, WitnessAnswer } from '../../protocols/feed/index.ts';

/** One feed as a log. */
export interface FeedSummary {
  readonly feed: MemberKey;
  /** Of its member; null for a key that no charter names. */
  readonly name: string | null;
  /** Of its checkpoints, and the name of its key in notes. */
  readonly origin: string;
  /** Its key, as other tools take it. */
  readonly vkey: string;
  /** Messages held without a gap, up to a fork. */
  readonly size: number;
  /** Of the newest head that its author has signed, as far as it is held; null while there is none. */
  readonly signed: number | null;
}

/** The feeds that a node holds, as transparency logs; and the node as a witness of them. */
export interface FeedReader {
  feeds(): readonly FeedSummary[];
  /** The largest checkpoint that the witness policy is content with, else the newest signed, with its cosignatures; null: none. */
  checkpoint(feed: MemberKey): string | null;
  /** Null where the feed has no such tile. */
  tile(feed: MemberKey, tile: TileName): Uint8Array | null;
  /** Messages that prove forks of the feed: two of one sequence, or the second where the first is in the tree; none where it has not forked. */
  evidence(feed: MemberKey): readonly Uint8Array[];
  /** A `.tlog-proof` of this message, the message itself as its extra data; null while no signed head covers it. */
  proof(id: MessageId): string | null;
  /**
   * The witness policy of the charter that governs this message, or of the one in force, with every feed as a log: a C2SP
   * tlog-policy file. Null for a message that is not held.
   */
  witnessPolicy(message: MessageId | null): string | null;
  /** What this node answers as a witness; null where it is none. */
  addCheckpoint(body: Uint8Array): WitnessAnswer | null;
}
