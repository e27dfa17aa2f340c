import { equalBytes } from '../../protocols/base/bytes.ts';
import { FORK_EVIDENCE_LIMIT } from '../../protocols/base/limits.ts';
import type { Database, StatementSync } from './database.ts';
import type { FeedState, NumberedFeed } from './feed-table.ts';

/** Messages of one author that wait for one before them: more than any honest sender has on its way at once. */
export const PENDING_LIMIT = 1_024;
/** Bytes of them: what a member can make a node keep for nothing. */
export const PENDING_LIMIT_BYTES = 4_194_304;

export type PendingResult = 'pending' | 'duplicate' | 'surplus' | 'pending-full';

interface PendingRow {
  readonly number: number;
  readonly sequence: number;
  readonly wire: Uint8Array;
}

/**
 * Messages past a gap: durable, bounded for each author, taken up in order when what was missing has come. When there is
 * no room, those nearest to the gap stay. All calls are within a transaction of the ledger.
 */
export class PendingTable {
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #siblings: StatementSync;
  readonly #first: StatementSync;
  readonly #last: StatementSync;

  constructor(database: Database) {
    this.#insert = database.prepare('INSERT INTO pending (feed, sequence, wire) VALUES (?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM pending WHERE number = ?');
    this.#siblings = database.prepare('SELECT wire FROM pending WHERE feed = ? AND sequence = ?');
    this.#first = database.prepare(
      'SELECT number, sequence, wire FROM pending WHERE feed = ? ORDER BY sequence, number LIMIT 1',
    );
    this.#last = database.prepare(
      'SELECT number, sequence, wire FROM pending WHERE feed = ? ORDER BY sequence DESC, number DESC LIMIT 1',
    );
  }

  /** @returns what became of it, and how much of this feed waits now */
  put(
    feed: NumberedFeed,
    sequence: number,
    wire: Uint8Array,
  ): { readonly result: PendingResult; readonly pending: FeedState['pending'] } {
    const siblings = this.#siblings.all(feed.number, sequence) as unknown as { wire: Uint8Array }[];
    if (siblings.some((sibling) => equalBytes(sibling.wire, wire)))
      return { result: 'duplicate', pending: feed.pending };
    if (siblings.length >= FORK_EVIDENCE_LIMIT) return { result: 'surplus', pending: feed.pending };
    let { messages, bytes } = feed.pending;
    while (messages >= PENDING_LIMIT || bytes + wire.length > PENDING_LIMIT_BYTES) {
      const last = this.#last.get(feed.number) as PendingRow | undefined;
      if (last === undefined || last.sequence <= sequence)
        return { result: 'pending-full', pending: { messages, bytes } };
      this.#delete.run(last.number);
      messages -= 1;
      bytes -= last.wire.length;
    }
    this.#insert.run(feed.number, sequence, wire);
    return { result: 'pending', pending: { messages: messages + 1, bytes: bytes + wire.length } };
  }

  /** Takes out the first that waits, if what it waited for is there. */
  take(feed: NumberedFeed): { readonly wire: Uint8Array; readonly pending: FeedState['pending'] } | null {
    const { messages, bytes } = feed.pending;
    if (messages === 0) return null;
    const first = this.#first.get(feed.number) as PendingRow | undefined;
    if (first === undefined || first.sequence > feed.length) return null;
    this.#delete.run(first.number);
    return { wire: first.wire, pending: { messages: messages - 1, bytes: bytes - first.wire.length } };
  }
}
