import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import { FORK_EVIDENCE_LIMIT } from '../../protocols/base/limits.ts';
import type { Message } from '../../protocols/message/index.ts';
import { type DatabaseSync, openDatabase, type StatementSync, transaction } from './database.ts';
import { FeedLengths } from './feed-lengths.ts';

/** A message as stored. `cursor` is this node's own order of acceptance. */
export interface LedgerRow {
  readonly cursor: number;
  readonly wire: Uint8Array;
  readonly acceptedAt: number;
}

/** `surplus`: a third payload at one sequence, which proves nothing that two have not proven. */
export type AppendResult = 'appended' | 'duplicate' | 'surplus';

/** Called after a commit with the rows it made, in order, before their appends resolve. */
export type AppendListener = (
  rows: readonly { readonly cursor: number; readonly message: Message; readonly acceptedAt: number }[],
) => void;

interface Waiting {
  readonly message: Message;
  readonly acceptedAt: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Messages in one commit at most; measured: above a few hundred the commit is no longer what costs. */
const COMMIT_LIMIT = 512;

/** A node's durable store of accepted messages. An append that has resolved survives a kill and a power cut. */
export class Ledger implements Disposable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #siblings: StatementSync;
  readonly #byId: StatementSync;
  readonly #lengths: FeedLengths;
  readonly #listeners: AppendListener[] = [];
  #waiting: Waiting[] = [];
  #scheduled = false;
  #closed = false;

  constructor(path: string) {
    this.#database = openDatabase(path, 'every-commit');
    this.#insert = this.#database.prepare(
      'INSERT INTO message (id, author, sequence, accepted_at, wire) VALUES (?, ?, ?, ?, ?)',
    );
    this.#siblings = this.#database.prepare(
      'SELECT count(*) AS n, max(id = ?) AS known FROM message WHERE author = ? AND sequence = ?',
    );
    this.#byId = this.#database.prepare('SELECT cursor, wire, accepted_at FROM message WHERE id = ?');
    this.#lengths = new FeedLengths(this.#database);
  }

  onAppended(listener: AppendListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Resolves after the commit that holds the message. Appends of one turn of the event loop share a commit.
   * @throws OversightError `disk-full`, `ledger-failed`
   */
  append(message: Message, acceptedAt: number): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, acceptedAt, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const batch = this.#waiting.splice(0, COMMIT_LIMIT);
    if (batch.length === 0) return;
    if (this.#waiting.length > 0) this.#schedule();
    let results: { result: AppendResult; cursor: number }[];
    try {
      results = transaction(this.#database, () => batch.map((entry) => this.#insertOne(entry)));
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    const rows = batch.flatMap(({ message, acceptedAt }, i) => {
      const { result, cursor } = results[i] as { result: AppendResult; cursor: number };
      return result === 'appended' ? [{ cursor, message, acceptedAt }] : [];
    });
    for (const { message } of rows) this.#lengths.advance(message.author, message.sequence);
    try {
      if (rows.length > 0) for (const listener of this.#listeners) listener(rows);
    } finally {
      for (const [i, { resolve }] of batch.entries())
        resolve((results[i] as { result: AppendResult }).result);
    }
  }

  #insertOne({ message, acceptedAt }: Waiting): { result: AppendResult; cursor: number } {
    const { id, author, sequence, wire } = message;
    if (this.#lengths.attempt(author, sequence)) {
      const { n, known } = this.#siblings.get(id, author, sequence) as { n: number; known: number | null };
      if (known === 1) return { result: 'duplicate', cursor: 0 };
      if (n >= FORK_EVIDENCE_LIMIT) return { result: 'surplus', cursor: 0 };
    }
    const { lastInsertRowid } = this.#insert.run(id, author, sequence, acceptedAt, wire);
    return { result: 'appended', cursor: Number(lastInsertRowid) };
  }

  has(id: MessageId): boolean {
    return this.#byId.get(id) !== undefined;
  }

  get(id: MessageId): LedgerRow | null {
    const row = this.#byId.get(id) as StoredRow | undefined;
    return row === undefined ? null : toRow(row);
  }

  /** Rows after the cursor, in order of acceptance. */
  *rows(afterCursor: number): Iterable<LedgerRow> {
    const page = this.#database.prepare(
      'SELECT cursor, wire, accepted_at FROM message WHERE cursor > ? ORDER BY cursor LIMIT 1000',
    );
    for (let cursor = afterCursor; ; ) {
      const rows = page.all(cursor) as unknown as StoredRow[];
      for (const row of rows) yield toRow(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      cursor = last.cursor;
    }
  }

  /** Messages of one author with from <= sequence < to, forks included. */
  range(author: MemberKey, from: number, to: number): Uint8Array[] {
    const rows = this.#database
      .prepare(
        'SELECT wire FROM message WHERE author = ? AND sequence >= ? AND sequence < ? ORDER BY sequence, id',
      )
      .all(author, from, to) as unknown as { wire: Uint8Array }[];
    return rows.map((row) => row.wire);
  }

  /** Of each author: how many messages from 0 are held without a gap, and the id of the last of them. */
  heads(): { readonly author: MemberKey; readonly length: number; readonly head: MessageId | null }[] {
    return this.#lengths.heads();
  }

  /** Messages of this author held without a gap. */
  lengthOf(author: MemberKey): number {
    return this.#lengths.lengthOf(author);
  }

  count(): number {
    return (this.#database.prepare('SELECT count(*) AS n FROM message').get() as { n: number }).n;
  }

  /** Durable when it returns: no other payload of ours will ever have this sequence. spec 05-message §6 */
  reserve(sequence: number, payload: Uint8Array): void {
    transaction(this.#database, () => {
      this.#database
        .prepare('INSERT INTO reservation (sequence, payload) VALUES (?, ?)')
        .run(sequence, payload);
    });
  }

  /** Our highest reservation: to be signed and appended again if a kill came between. */
  lastReservation(): { readonly sequence: number; readonly payload: Uint8Array } | null {
    const row = this.#database
      .prepare('SELECT sequence, payload FROM reservation ORDER BY sequence DESC LIMIT 1')
      .get();
    return (row as { sequence: number; payload: Uint8Array } | undefined) ?? null;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    while (this.#waiting.length > 0) this.#flush();
    this.#closed = true;
    this.#database.close();
  }
}

interface StoredRow {
  readonly cursor: number;
  readonly wire: Uint8Array;
  readonly accepted_at: number;
}

function toRow({ cursor, wire, accepted_at }: StoredRow): LedgerRow {
  return { cursor, wire, acceptedAt: accepted_at };
}
