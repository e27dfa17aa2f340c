import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { Database, type StatementSync } from './database.ts';

export interface StoredEvent<T extends string> {
  readonly cursor: number;
  readonly type: T;
  readonly message: MessageId;
  readonly author: MemberKey;
  readonly acceptedAt: number;
  readonly data: PlainObject;
}

/** `data`: as it is, or as JSON where that is at hand. */
export type NewEvent<T extends string> = Omit<StoredEvent<T>, 'cursor' | 'data'> & {
  readonly data: PlainObject | string;
};

/** The events that one row of the ledger caused; mostly one, sometimes none. */
export interface RowEvents<T extends string> {
  readonly row: number;
  readonly events: readonly NewEvent<T>[];
}

/**
 * Events in the order in which the ledger's rows caused them. They follow from the rows, so a crash costs nothing:
 * rows after `processed()` are derived again and get the same cursors.
 */
export class EventLog<T extends string> implements Disposable {
  readonly #database: Database;
  readonly #insert: StatementSync;
  readonly #page: StatementSync;
  readonly #mark: StatementSync;
  readonly #path: string;
  /** Opened when the clock first has something to tell. */
  #clock: Database | null = null;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
    this.#database = new Database(path, 'derivable');
    this.#insert = this.#database.prepare(
      'INSERT INTO event (row, type, message, author, accepted_at, data) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#page = this.#database.prepare(
      'SELECT cursor, type, message, author, accepted_at, data FROM event WHERE cursor > ? ORDER BY cursor LIMIT ?',
    );
    this.#mark = this.#database.prepare(
      "INSERT INTO progress (name, row) VALUES ('events', ?) ON CONFLICT (name) DO UPDATE SET row = excluded.row",
    );
  }

  /** The ledger row up to which events have been derived. */
  processed(): number {
    const row = this.#database.prepare("SELECT row FROM progress WHERE name = 'events'").get();
    return (row as { row: number } | undefined)?.row ?? 0;
  }

  /** Stores the events of further rows, in order, all of them or none. */
  append(rows: readonly RowEvents<T>[]): void {
    const last = rows.at(-1);
    if (last === undefined) return;
    this.#database.transaction(() => {
      for (const { row, events } of rows) {
        for (const { type, message, author, acceptedAt, data } of events) {
          this.#insert.run(row, type, message, author, acceptedAt, jsonOf(data));
        }
      }
      this.#mark.run(last.row);
    });
  }

  /**
   * Stores events of the clock that are not there yet, the same by type, message and data. What the clock caused cannot
   * be derived again, so this returns after fsync: with all events before it, whose cursors stay what they are.
   * @returns how many were new
   */
  tell(events: readonly NewEvent<T>[]): number {
    if (events.length === 0) return 0;
    this.#clock ??= new Database(this.#path, 'every-commit');
    const database = this.#clock;
    const known = database.prepare(
      'SELECT 1 FROM event WHERE row = 0 AND type = ? AND message = ? AND data = ?',
    );
    const insert = database.prepare(
      'INSERT INTO event (row, type, message, author, accepted_at, data) VALUES (0, ?, ?, ?, ?, ?)',
    );
    return database.transaction(() => {
      const fresh = events
        .map(({ data, ...event }) => ({ ...event, data: jsonOf(data) }))
        .filter(({ type, message, data }) => known.get(type, message, data) === undefined);
      for (const { type, message, author, acceptedAt, data } of fresh)
        insert.run(type, message, author, acceptedAt, data);
      return fresh.length;
    });
  }

  /** Cursor of the newest event; 0 before the first. */
  last(): number {
    const row = this.#database.prepare('SELECT max(cursor) AS last FROM event').get() as {
      last: number | null;
    };
    return row.last ?? 0;
  }

  after(cursor: number, limit: number): StoredEvent<T>[] {
    const rows = this.#page.all(cursor, limit) as unknown as {
      cursor: number;
      type: T;
      message: MessageId;
      author: MemberKey;
      accepted_at: number;
      data: string;
    }[];
    return rows.map(({ accepted_at, data, ...row }) => ({
      ...row,
      acceptedAt: accepted_at,
      data: JSON.parse(data) as PlainObject,
    }));
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#clock?.[Symbol.dispose]();
    this.#database[Symbol.dispose]();
  }
}

function jsonOf(data: PlainObject | string): string {
  return typeof data === 'string' ? data : JSON.stringify(data);
}
