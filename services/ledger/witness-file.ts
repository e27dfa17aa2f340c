import type { MemberKey } from '../../protocols/base/ids.ts';
import type { Result } from '../../protocols/base/result.ts';
import { Database, type StatementSync } from './database.ts';
import type { Layout } from './schema.ts';

/** A file of its own: a ledger that is moved away, damaged, must not make a witness forget what it has cosigned. */
export const WITNESS_LAYOUT: Layout = {
  version: 1,
  schema: `
CREATE TABLE IF NOT EXISTS cosigned (
  feed      TEXT PRIMARY KEY,
  size      INTEGER NOT NULL,
  root      BLOB    NOT NULL,
  head      BLOB    NOT NULL,
  witness   TEXT    NOT NULL,
  time      INTEGER NOT NULL,
  signature BLOB    NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS submitted (
  feed    TEXT NOT NULL,
  witness TEXT NOT NULL,
  size    INTEGER NOT NULL,
  PRIMARY KEY (feed, witness)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS outbox (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  feed      TEXT    NOT NULL,
  size      INTEGER NOT NULL,
  root      BLOB    NOT NULL,
  head      BLOB    NOT NULL,
  witness   TEXT    NOT NULL,
  time      INTEGER NOT NULL,
  signature BLOB    NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS known (
  feed      TEXT    NOT NULL,
  size      INTEGER NOT NULL,
  witness   TEXT    NOT NULL,
  root      BLOB    NOT NULL,
  head      BLOB    NOT NULL,
  time      INTEGER NOT NULL,
  signature BLOB    NOT NULL,
  PRIMARY KEY (feed, size, witness, root)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS progress (
  name TEXT PRIMARY KEY,
  row  INTEGER NOT NULL
) STRICT;
`,
};

/** One head, its author's signature and a witness's. */
export interface CosignedRow {
  readonly feed: MemberKey;
  readonly size: number;
  readonly root: Uint8Array;
  readonly head: Uint8Array;
  readonly witness: MemberKey;
  /** Seconds since 1970. */
  readonly time: number;
  readonly signature: Uint8Array;
}

const COLUMNS = 'feed, size, root, head, witness, time, signature';
const PLACES = '?, ?, ?, ?, ?, ?, ?';

/** What a node remembers as a witness and towards its witnesses. What has returned survives a kill and a power cut. */
export class WitnessFile implements Disposable {
  readonly #database: Database;
  readonly #last: StatementSync;
  readonly #put: StatementSync;
  readonly #post: StatementSync;
  readonly #first: StatementSync;
  readonly #submitted: StatementSync;

  constructor(path: string) {
    this.#database = new Database(path, 'every-commit', WITNESS_LAYOUT);
    this.#last = this.#database.prepare(`SELECT ${COLUMNS} FROM cosigned WHERE feed = ?`);
    this.#put = this.#database.prepare(`INSERT OR REPLACE INTO cosigned (${COLUMNS}) VALUES (${PLACES})`);
    this.#post = this.#database.prepare(`INSERT INTO outbox (${COLUMNS}) VALUES (${PLACES})`);
    this.#first = this.#database.prepare(`SELECT number, ${COLUMNS} FROM outbox ORDER BY number LIMIT ?`);
    this.#submitted = this.#database.prepare('SELECT size FROM submitted WHERE feed = ? AND witness = ?');
  }

  last(feed: MemberKey): CosignedRow | null {
    return this.#database.read(() => (this.#last.get(feed) as CosignedRow | undefined) ?? null);
  }

  /** Check and store in one transaction; a head larger than the one before is put into the outbox with it. */
  advance<R extends string>(
    feed: MemberKey,
    judge: (last: CosignedRow | null) => Result<CosignedRow, R>,
  ): { readonly last: CosignedRow | null; readonly judged: Result<CosignedRow, R> } {
    return this.#database.transaction(() => {
      const last = this.last(feed);
      const judged = judge(last);
      if (judged.ok) {
        this.#put.run(...valuesOf(judged.value));
        if (judged.value.size > (last?.size ?? 0)) this.#post.run(...valuesOf(judged.value));
      }
      return { last, judged };
    });
  }

  /** What this witness is known to have cosigned, where it is more than is remembered: after a restored backup. */
  remember(cosigned: CosignedRow): void {
    if ((this.last(cosigned.feed)?.size ?? 0) >= cosigned.size) return;
    this.#database.transaction(() => this.#put.run(...valuesOf(cosigned)));
  }

  submitted(feed: MemberKey, witness: MemberKey): number {
    const row = this.#database.read(() => this.#submitted.get(feed, witness));
    return (row as { size: number } | undefined)?.size ?? 0;
  }

  /** @param outgoing put into the outbox in the same step */
  setSubmitted(feed: MemberKey, witness: MemberKey, size: number, outgoing: CosignedRow | null): void {
    this.#database.transaction(() => {
      this.#database
        .prepare('INSERT OR REPLACE INTO submitted (feed, witness, size) VALUES (?, ?, ?)')
        .run(feed, witness, size);
      if (outgoing !== null) this.#post.run(...valuesOf(outgoing));
    });
  }

  /** The oldest of the outbox, in order. */
  first(limit: number): { readonly number: number; readonly cosigned: CosignedRow }[] {
    const rows = this.#database.read(() => this.#first.all(limit)) as unknown as ({
      number: number;
    } & CosignedRow)[];
    return rows.map(({ number, ...cosigned }) => ({ number, cosigned }));
  }

  /** Forgets this entry of the outbox and all before it. */
  drop(upToNumber: number): void {
    this.#database.transaction(() =>
      this.#database.prepare('DELETE FROM outbox WHERE number <= ?').run(upToNumber),
    );
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}

export function valuesOf({ feed, size, root, head, witness, time, signature }: CosignedRow) {
  return [feed, size, root, head, witness, time, signature] as const;
}
