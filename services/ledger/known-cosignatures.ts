import type { MemberKey } from '../../protocols/base/ids.ts';
import { Database, type StatementSync } from './database.ts';
import { type CosignedRow, valuesOf, WITNESS_LAYOUT } from './witness-file.ts';

const COLUMNS = 'feed, size, root, head, witness, time, signature';

/**
 * The cosignatures that members have published, by feed and size. They follow from the ledger's rows, so a crash costs
 * nothing: rows after `processed()` are read again. Nothing in here is verified.
 */
export class KnownCosignatures implements Disposable {
  readonly #database: Database;
  readonly #insert: StatementSync;
  readonly #mark: StatementSync;
  readonly #newest: StatementSync;
  readonly #covering: StatementSync;

  constructor(path: string) {
    this.#database = new Database(path, 'derivable', WITNESS_LAYOUT);
    this.#insert = this.#database.prepare(
      `INSERT INTO known (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET time = excluded.time, head = excluded.head, signature = excluded.signature
       WHERE excluded.time < time`,
    );
    this.#mark = this.#database.prepare(
      "INSERT INTO progress (name, row) VALUES ('known', ?) ON CONFLICT (name) DO UPDATE SET row = excluded.row",
    );
    this.#newest = this.#database.prepare(
      `SELECT ${COLUMNS} FROM known WHERE feed = ? ORDER BY size DESC LIMIT ?`,
    );
    this.#covering = this.#database.prepare(
      `SELECT ${COLUMNS} FROM known WHERE feed = ? AND size > ? ORDER BY size LIMIT ?`,
    );
  }

  /** The ledger row up to which cosignatures have been read. */
  processed(): number {
    const row = this.#database.prepare("SELECT row FROM progress WHERE name = 'known'").get();
    return (row as { row: number } | undefined)?.row ?? 0;
  }

  /** @param row the last of the ledger that has been read */
  append(cosigned: readonly CosignedRow[], row: number): void {
    this.#database.transaction(() => {
      for (const each of cosigned) this.#insert.run(...valuesOf(each));
      this.#mark.run(row);
    });
  }

  /** Of the largest heads first. */
  newest(feed: MemberKey, limit: number): CosignedRow[] {
    return this.#database.read(() => this.#newest.all(feed, limit)) as unknown as CosignedRow[];
  }

  /** Of the heads that cover this sequence, the smallest first. */
  covering(feed: MemberKey, sequence: number, limit: number): CosignedRow[] {
    return this.#database.read(() => this.#covering.all(feed, sequence, limit)) as unknown as CosignedRow[];
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}
