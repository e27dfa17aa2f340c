import { DatabaseSync } from 'node:sqlite';
import { messageOf, OversightError } from '../../protocols/base/errors.ts';

/** SQLITE_BUSY: another connection holds the lock. https://sqlite.org/rescode.html#busy */
const BUSY = 5;

/**
 * Holds a file for one process at a time. The lock is the operating system's, taken through SQLite: it goes when the
 * process goes, however it ends, so nothing stale is ever left behind.
 */
export class ProcessLock implements Disposable {
  readonly #database: DatabaseSync;
  #released = false;

  /** @throws OversightError `home-in-use` while another process, or this one, holds the file */
  constructor(path: string) {
    try {
      this.#database = new DatabaseSync(path, { timeout: 0 });
    } catch (error) {
      throw new OversightError('ledger-failed', `cannot open ${path}: ${messageOf(error)}`, { cause: error });
    }
    try {
      this.#database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      this.#database.close();
      if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) {
        throw new OversightError('home-in-use', `another process holds ${path}; stop that node first`, {
          cause: error,
        });
      }
      throw new OversightError('ledger-failed', `cannot lock ${path}: ${messageOf(error)}`, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    if (this.#released) return;
    this.#released = true;
    this.#database.close();
  }
}
