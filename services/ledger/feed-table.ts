import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { Head } from '../../protocols/feed/index.ts';
import type { Database, StatementSync } from './database.ts';
import { idOfWire } from './tags.ts';

/** How far one author's feed is held, and what is known of it. */
export interface FeedState {
  readonly author: MemberKey;
  /** Messages held from sequence 0 on, without a gap. */
  readonly length: number;
  /** Id of the last of them. */
  readonly head: MessageId | null;
  /** The lowest sequence at which a second message is held. */
  readonly fork: number | null;
  /** The latest head signed by the author that the chain held leads to. */
  readonly signed: Head | null;
  /** Messages that wait for one before them. */
  readonly pending: { readonly messages: number; readonly bytes: number };
}

/** A feed and its number in the file. */
export interface NumberedFeed extends FeedState {
  readonly number: number;
}

/** The state of every feed, kept in memory. What a transaction changes is taken back when it fails. */
export class FeedTable {
  readonly #feeds = new Map<MemberKey, NumberedFeed>();
  /** As they were when the transaction began; null for those that it made. */
  readonly #before = new Map<MemberKey, NumberedFeed | null>();
  readonly #insert: StatementSync;

  constructor(database: Database) {
    this.#insert = database.prepare('INSERT INTO feed (number, author) VALUES (?, ?)');
    const last = database.prepare(
      'SELECT sequence, wire FROM message WHERE feed = ? AND branch = 0 ORDER BY sequence DESC LIMIT 1',
    );
    const fork = database.prepare('SELECT min(sequence) AS at FROM message WHERE feed = ? AND branch = 1');
    const signed = database.prepare('SELECT size, root, signature FROM head WHERE feed = ?');
    const pending = database.prepare(
      'SELECT count(*) AS messages, coalesce(sum(length(wire)), 0) AS bytes FROM pending WHERE feed = ?',
    );
    const rows = database.prepare('SELECT number, author FROM feed').all() as unknown as FeedRow[];
    for (const { number, author } of rows) {
      const newest = last.get(number) as { sequence: number; wire: Uint8Array } | undefined;
      const head = signed.get(number) as Omit<Head, 'author'> | undefined;
      this.#feeds.set(author, {
        number,
        author,
        length: newest === undefined ? 0 : newest.sequence + 1,
        head: newest === undefined ? null : idOfWire(newest.wire),
        fork: (fork.get(number) as { at: number | null }).at,
        signed: head === undefined ? null : { author, ...head },
        pending: pending.get(number) as unknown as FeedState['pending'],
      });
    }
  }

  get(author: MemberKey): NumberedFeed | null {
    return this.#feeds.get(author) ?? null;
  }

  all(): Iterable<NumberedFeed> {
    return this.#feeds.values();
  }

  /** The feed of this author, new in the file if need be. Only within a transaction. */
  open(author: MemberKey): NumberedFeed {
    const known = this.#feeds.get(author);
    if (known !== undefined) return known;
    const feed: NumberedFeed = {
      number: this.#feeds.size + 1,
      author,
      length: 0,
      head: null,
      fork: null,
      signed: null,
      pending: { messages: 0, bytes: 0 },
    };
    this.#insert.run(feed.number, author);
    this.#before.set(author, null);
    this.#feeds.set(author, feed);
    return feed;
  }

  /** Only within a transaction. */
  change(feed: NumberedFeed, changes: Partial<Omit<FeedState, 'author'>>): NumberedFeed {
    if (!this.#before.has(feed.author)) this.#before.set(feed.author, feed);
    const changed = { ...feed, ...changes };
    this.#feeds.set(feed.author, changed);
    return changed;
  }

  commit(): void {
    this.#before.clear();
  }

  rollback(): void {
    for (const [author, feed] of this.#before) {
      if (feed === null) this.#feeds.delete(author);
      else this.#feeds.set(author, feed);
    }
    this.#before.clear();
  }
}

interface FeedRow {
  readonly number: number;
  readonly author: MemberKey;
}
