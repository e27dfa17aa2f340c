import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { OversightError } from '../../protocols/base/errors.ts';
import { type Layout, LEDGER_LAYOUT, PAGE_BYTES } from './schema.ts';
import { damaged, faultOf, withFaults } from './storage-fault.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

export type { StatementSync };

/** `every-commit`: a commit returns after fsync. `derivable`: for what can be computed again, no fsync. */
export type Durability = 'every-commit' | 'derivable';

/** When the write-ahead log has this much, it is carried over: the longer, the more often a page is overwritten before. */
const CHECKPOINT_BYTES = 64 * 2 ** 20;

/** One connection to the ledger's file, or another of a node. Every failure of SQLite comes out as an OversightError. */
export class Database implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  #log: WriteAheadLog | null = null;
  #closed = false;

  constructor(path: string, durability: Durability, layout: Layout = LEDGER_LAYOUT) {
    this.#path = path;
    // the last process has not closed it: what it left half written is taken from the log, and then looked at
    const interrupted = existsSync(`${path}-wal`);
    this.#database = withFaults(path, () => {
      const database = new DatabaseSync(path);
      try {
        prepare(database, durability, layout);
        if (interrupted && durability === 'every-commit') check(database, path);
        return database;
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  prepare(sql: string): StatementSync {
    return withFaults(this.#path, () => this.#database.prepare(sql));
  }

  /** Runs `work` in one transaction: all of it is durable when this returns, or none of it happened. */
  transaction<T>(work: () => T): T {
    return withFaults(this.#path, () => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Runs `work` in one transaction that a kill cannot undo, but a power cut can before `sync` has come back. */
  unsynced<T>(work: () => T): T {
    return withFaults(this.#path, () => {
      this.#database.exec('PRAGMA synchronous = NORMAL');
      try {
        return this.transaction(work);
      } finally {
        this.#database.exec('PRAGMA synchronous = FULL');
      }
    });
  }

  /** Makes what is committed durable, off this thread: the disk takes its time. @throws OversightError `disk-full`, `ledger-failed` */
  async sync(): Promise<void> {
    try {
      this.#log ??= new WriteAheadLog(this.#path);
      await this.#log.sync();
    } catch (error) {
      throw faultOf(this.#path, error);
    }
  }

  /** Reads, with SQLite's failures named. */
  read<T>(work: () => T): T {
    return withFaults(this.#path, work);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#log?.[Symbol.dispose]();
    this.#database.close();
  }
}

function prepare(database: DatabaseSync, durability: Durability, layout: Layout): void {
  database.exec('PRAGMA busy_timeout = 5000');
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  // before anything is written: the program it belongs to can still read its file
  if (version !== 0 && version !== layout.version) {
    throw new OversightError(
      'ledger-failed',
      `the file was written by ${version > layout.version ? 'a newer' : 'an older'} version of this program`,
    );
  }
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_BYTES / PAGE_BYTES}`);
  database.exec(`PRAGMA synchronous = ${durability === 'every-commit' ? 'FULL' : 'NORMAL'}`);
  database.exec(layout.schema);
  // nothing is written to a file that has all this: one on a full disk can still be read
  if (version < layout.version) database.exec(`PRAGMA user_version = ${layout.version}`);
}

/** Page by page. A torn page that the write-ahead log does not mend is found here and not in the middle of work. */
function check(database: DatabaseSync, path: string): void {
  const row = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string } | undefined;
  if (row?.quick_check !== 'ok') throw damaged(path, row?.quick_check ?? 'no answer');
}
