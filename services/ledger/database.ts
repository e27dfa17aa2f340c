import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { hasErrno, messageOf, OversightError } from '../../protocols/base/errors.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

export type { DatabaseSync, StatementSync };

/** SQLITE_FULL and the I/O errors that a full disk gives; https://sqlite.org/rescode.html */
const FULL_CODES: ReadonlySet<number> = new Set([13, 778, 1034]);

export type Durability = 'every-commit' | 'derivable';

/**
 * Opens the ledger's file.
 * `every-commit`: a commit returns after fsync. `derivable`: for what can be computed again, no fsync.
 */
export function openDatabase(path: string, durability: Durability): DatabaseSync {
  return mapErrors(() => {
    const database = new DatabaseSync(path);
    try {
      prepare(database, durability);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function prepare(database: DatabaseSync, durability: Durability): void {
  database.exec('PRAGMA busy_timeout = 5000');
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  // before anything is written: the newer program can still read its file
  if (version > SCHEMA_VERSION) {
    throw new OversightError('ledger-failed', 'the ledger was written by a newer version of this program');
  }
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`PRAGMA synchronous = ${durability === 'every-commit' ? 'FULL' : 'NORMAL'}`);
  database.exec(SCHEMA);
  // nothing is written to a file that has all this: one on a full disk can still be read
  if (version < SCHEMA_VERSION) database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/** Runs `work` in one transaction: all of it is durable when this returns, or none of it happened. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  return mapErrors(() => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  });
}

function mapErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof OversightError) throw error;
    if (isFull(error)) {
      throw new OversightError('disk-full', 'the disk of the ledger is full; free space and start again', {
        cause: error,
      });
    }
    throw new OversightError('ledger-failed', `the ledger cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function isFull(error: unknown): boolean {
  if (hasErrno(error, 'ENOSPC')) return true;
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    FULL_CODES.has(error.errcode)
  );
}
