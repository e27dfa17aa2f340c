import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { OversightError } from '../../protocols/base/errors.ts';
import type { MemberKey } from '../../protocols/base/ids.ts';
import { SYNC_EVIDENCE_LIMIT } from '../../protocols/base/limits.ts';
import type { Head } from '../../protocols/feed/index.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { withFaults } from './storage-fault.ts';

/** A feed as a file holds it. */
export interface StoredFeed {
  readonly author: MemberKey;
  /** Messages from sequence 0 on, without a gap. */
  readonly length: number;
  /** The latest head signed by the author. */
  readonly signed: Head | null;
}

/** A ledger's file, read and never written, also while its node runs. Every failure is an OversightError. */
export class LedgerReader implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #chain: StatementSync;
  readonly #evidence: StatementSync;
  readonly #numbers = new Map<MemberKey, number>();
  readonly #feeds: StoredFeed[];

  /** @throws OversightError `not-found`, `ledger-damaged`, `ledger-failed` */
  constructor(path: string) {
    if (!existsSync(path)) throw new OversightError('not-found', `there is no ledger at ${path}`);
    this.#path = path;
    this.#database = withFaults(path, () => openReadOnly(path));
    try {
      [this.#chain, this.#evidence, this.#feeds] = withFaults(path, () => this.#prepare());
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  #prepare(): [StatementSync, StatementSync, StoredFeed[]] {
    const database = this.#database;
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version !== SCHEMA_VERSION)
      throw new OversightError(
        'ledger-failed',
        `${this.#path} was written by another version of this program`,
      );
    const chain = database.prepare(
      'SELECT wire FROM message WHERE feed = ? AND branch = 0 AND sequence >= ? AND sequence < ? ORDER BY sequence',
    );
    const evidence = database.prepare(
      'SELECT wire FROM message WHERE feed = ? AND branch = 1 ORDER BY sequence LIMIT ?',
    );
    const rows = database
      .prepare(
        `SELECT f.number, f.author, (SELECT count(*) FROM message WHERE feed = f.number AND branch = 0) AS length,
                h.size, h.root, h.signature
         FROM feed AS f LEFT JOIN head AS h ON h.feed = f.number`,
      )
      .all() as unknown as FeedRow[];
    const feeds = rows.map(({ number, author, length, size, root, signature }): StoredFeed => {
      this.#numbers.set(author, number);
      const signed =
        size === null || root === null || signature === null ? null : { author, size, root, signature };
      return { author, length, signed };
    });
    return [chain, evidence, feeds];
  }

  /** As they were when the file was opened. */
  feeds(): readonly StoredFeed[] {
    return this.#feeds;
  }

  /** Messages with from <= sequence < to. */
  range(author: MemberKey, from: number, to: number): Uint8Array[] {
    return this.#wires(author, (number) => this.#chain.all(number, from, to));
  }

  /** Second messages of sequences: beside those of the chain they prove a fork. */
  evidence(author: MemberKey): Uint8Array[] {
    return this.#wires(author, (number) => this.#evidence.all(number, SYNC_EVIDENCE_LIMIT));
  }

  #wires(author: MemberKey, read: (number: number) => unknown[]): Uint8Array[] {
    const number = this.#numbers.get(author);
    if (number === undefined) return [];
    const rows = withFaults(this.#path, () => read(number)) as { wire: Uint8Array }[];
    return rows.map(({ wire }) => wire);
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

interface FeedRow {
  readonly number: number;
  readonly author: MemberKey;
  readonly length: number;
  readonly size: number | null;
  readonly root: Uint8Array | null;
  readonly signature: Uint8Array | null;
}

/** A copy that was closed is taken as it lies: opening it otherwise would make files beside it, or fail where none can be made. */
function openReadOnly(path: string): DatabaseSync {
  if (existsSync(`${path}-wal`)) return new DatabaseSync(path, { readOnly: true });
  const address = pathToFileURL(path);
  address.searchParams.set('immutable', '1');
  return new DatabaseSync(address, { readOnly: true });
}
