import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const dataSync = promisify(fdatasync);

/**
 * The log that SQLite writes beside a file, where commits are before they are in it. Syncing it is what makes a commit
 * durable; SQLite does so in the thread that commits. https://sqlite.org/wal.html
 */
export class WriteAheadLog implements Disposable {
  readonly #file: number;
  #closed = false;

  /** @param path of the database, which has been written to. Throws what the system says. */
  constructor(path: string) {
    this.#file = openSync(`${path}-wal`, 'r+');
    // that it is there is durable, too
    const folder = openSync(dirname(path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  /** Resolves when all that has been written is on the disk. */
  sync(): Promise<void> {
    return dataSync(this.#file);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
  }
}
