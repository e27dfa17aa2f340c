import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { DatabaseSync, StatementSync } from './database.ts';

/** How far each author's feed is held without a gap. Kept in memory, advanced by each append. */
export class FeedLengths {
  readonly #lengths = new Map<MemberKey, number>();
  /** One past the highest sequence held. */
  readonly #ends = new Map<MemberKey, number>();
  /** One past the highest sequence that an insertion was begun for. */
  readonly #attempted = new Map<MemberKey, number>();
  readonly #at: StatementSync;

  constructor(database: DatabaseSync) {
    this.#at = database.prepare(
      'SELECT id FROM message WHERE author = ? AND sequence = ? ORDER BY id LIMIT 1',
    );
    const authors = database
      .prepare('SELECT author, max(sequence) + 1 AS end FROM message GROUP BY author')
      .all() as unknown as { author: MemberKey; end: number }[];
    // the first sequence that has no successor, counted from 0
    const firstGap = database.prepare(
      `SELECT min(sequence) + 1 AS length FROM message AS m WHERE author = ?
       AND NOT EXISTS (SELECT 1 FROM message WHERE author = m.author AND sequence = m.sequence + 1)`,
    );
    for (const { author, end } of authors) {
      this.#ends.set(author, end);
      this.#attempted.set(author, end);
      if (this.#idAt(author, 0) === null) continue;
      this.#lengths.set(author, (firstGap.get(author) as { length: number }).length);
    }
  }

  /**
   * Says that an insertion begins. False: nothing of this author is held at this sequence, which saves a query for each
   * message of a feed that comes in order. A rollback leaves the mark too high, which costs that query and no more.
   */
  attempt(author: MemberKey, sequence: number): boolean {
    const attempted = this.#attempted.get(author) ?? 0;
    if (sequence < attempted) return true;
    this.#attempted.set(author, sequence + 1);
    return false;
  }

  /** Says that a message has been committed. */
  advance(author: MemberKey, sequence: number): void {
    const end = Math.max(this.#ends.get(author) ?? 0, sequence + 1);
    this.#ends.set(author, end);
    let length = this.#lengths.get(author) ?? 0;
    if (sequence !== length) return;
    do length += 1;
    while (length < end && this.#idAt(author, length) !== null);
    this.#lengths.set(author, length);
  }

  lengthOf(author: MemberKey): number {
    return this.#lengths.get(author) ?? 0;
  }

  heads(): { readonly author: MemberKey; readonly length: number; readonly head: MessageId | null }[] {
    return [...this.#lengths].map(([author, length]) => ({
      author,
      length,
      head: this.#idAt(author, length - 1),
    }));
  }

  #idAt(author: MemberKey, sequence: number): MessageId | null {
    const row = this.#at.get(author, sequence) as { id: MessageId } | undefined;
    return row?.id ?? null;
  }
}
