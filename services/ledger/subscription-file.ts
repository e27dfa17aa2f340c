import { Database, type StatementSync } from './database.ts';
import type { Layout } from './schema.ts';

/** A file of its own: what subscribers are owed outlives a ledger that is moved away. */
export const SUBSCRIPTION_LAYOUT: Layout = {
  version: 1,
  schema: `
CREATE TABLE IF NOT EXISTS subscription (
  id            TEXT PRIMARY KEY,
  url           TEXT    NOT NULL,
  filter        TEXT    NOT NULL,
  secret        TEXT    NOT NULL,
  created_at    INTEGER NOT NULL,
  cursor        INTEGER NOT NULL,
  state         TEXT    NOT NULL,
  failing_since INTEGER,
  attempts      INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS dead (
  subscription TEXT    NOT NULL,
  cursor       INTEGER NOT NULL,
  type         TEXT    NOT NULL,
  failed_at    INTEGER NOT NULL,
  attempts     INTEGER NOT NULL,
  reason       TEXT    NOT NULL,
  PRIMARY KEY (subscription, cursor)
) STRICT, WITHOUT ROWID;
`,
};

/** Dead letters kept of one subscription; older ones give way, and their events are still in the log. */
const DEAD_LIMIT = 10_000;

export interface SubscriptionRow {
  readonly id: string;
  readonly url: string;
  /** JSON. */
  readonly filter: string;
  readonly secret: string;
  readonly createdAt: number;
  /** Of the last event that was delivered or given up. */
  readonly cursor: number;
  /** `gone`: the subscriber answered 410. */
  readonly state: 'active' | 'gone';
  /** Of the first failure since the last delivery, milliseconds since 1970; null: none. */
  readonly failingSince: number | null;
  readonly attempts: number;
}

export interface DeadRow {
  readonly cursor: number;
  readonly type: string;
  readonly failedAt: number;
  readonly attempts: number;
  readonly reason: string;
}

const COLUMNS =
  'id, url, filter, secret, created_at AS createdAt, cursor, state, failing_since AS failingSince, attempts';
const DEAD_COLUMNS = 'cursor, type, failed_at AS failedAt, attempts, reason';

/**
 * Subscriptions and how far each has been served. What the owner does, and what is given up, survives a power cut; the
 * progress of deliveries survives a kill of the process, and after a power cut some are sent again.
 */
export class SubscriptionFile implements Disposable {
  readonly #durable: Database;
  readonly #progress: Database;
  readonly #advance: StatementSync;
  readonly #fail: StatementSync;

  constructor(path: string) {
    this.#durable = new Database(path, 'every-commit', SUBSCRIPTION_LAYOUT);
    this.#progress = new Database(path, 'derivable', SUBSCRIPTION_LAYOUT);
    this.#advance = this.#progress.prepare(
      'UPDATE subscription SET cursor = ?, failing_since = NULL, attempts = 0 WHERE id = ?',
    );
    this.#fail = this.#progress.prepare(
      'UPDATE subscription SET failing_since = ?, attempts = ? WHERE id = ?',
    );
  }

  /** In the order in which they were made. */
  list(): SubscriptionRow[] {
    return this.#durable.read(
      () =>
        this.#durable
          .prepare(`SELECT ${COLUMNS} FROM subscription ORDER BY created_at, id`)
          .all() as unknown as SubscriptionRow[],
    );
  }

  add({ id, url, filter, secret, createdAt, cursor }: SubscriptionRow): void {
    this.#durable.transaction(() =>
      this.#durable
        .prepare("INSERT INTO subscription VALUES (?, ?, ?, ?, ?, ?, 'active', NULL, 0)")
        .run(id, url, filter, secret, createdAt, cursor),
    );
  }

  remove(id: string): void {
    this.#durable.transaction(() => {
      this.#durable.prepare('DELETE FROM subscription WHERE id = ?').run(id);
      this.#durable.prepare('DELETE FROM dead WHERE subscription = ?').run(id);
    });
  }

  /** The event was delivered. */
  advance(id: string, cursor: number): void {
    this.#progress.transaction(() => this.#advance.run(cursor, id));
  }

  fail(id: string, failingSince: number, attempts: number): void {
    this.#progress.transaction(() => this.#fail.run(failingSince, attempts, id));
  }

  /** The event is given up, and the next one's turn. */
  bury(id: string, dead: DeadRow): void {
    const { cursor, type, failedAt, attempts, reason } = dead;
    this.#durable.transaction(() => {
      this.#durable
        .prepare('INSERT OR REPLACE INTO dead VALUES (?, ?, ?, ?, ?, ?)')
        .run(id, cursor, type, failedAt, attempts, reason);
      this.#durable
        .prepare(
          'DELETE FROM dead WHERE subscription = ? AND cursor <= (SELECT cursor FROM dead WHERE subscription = ? ORDER BY cursor DESC LIMIT 1 OFFSET ?)',
        )
        .run(id, id, DEAD_LIMIT);
      this.#durable.prepare('UPDATE subscription SET cursor = ? WHERE id = ?').run(cursor, id);
    });
  }

  dead(id: string, afterCursor: number, limit: number): DeadRow[] {
    return this.#durable.read(
      () =>
        this.#durable
          .prepare(
            `SELECT ${DEAD_COLUMNS} FROM dead WHERE subscription = ? AND cursor > ? ORDER BY cursor LIMIT ?`,
          )
          .all(id, afterCursor, limit) as unknown as DeadRow[],
    );
  }

  deadCount(id: string): number {
    const row = this.#durable.read(() =>
      this.#durable.prepare('SELECT count(*) AS count FROM dead WHERE subscription = ?').get(id),
    );
    return (row as { count: number }).count;
  }

  setGone(id: string): void {
    this.#durable.transaction(() =>
      this.#durable.prepare("UPDATE subscription SET state = 'gone' WHERE id = ?").run(id),
    );
  }

  /** Serves the subscription anew from after this cursor. Dead letters from there on are no longer dead. */
  rewind(id: string, cursor: number): void {
    this.#durable.transaction(() => {
      this.#durable
        .prepare(
          "UPDATE subscription SET cursor = ?, state = 'active', failing_since = NULL, attempts = 0 WHERE id = ?",
        )
        .run(cursor, id);
      this.#durable.prepare('DELETE FROM dead WHERE subscription = ? AND cursor > ?').run(id, cursor);
    });
  }

  [Symbol.dispose](): void {
    this.#progress[Symbol.dispose]();
    this.#durable[Symbol.dispose]();
  }
}
