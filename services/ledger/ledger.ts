import { equalBytes } from '../../protocols/base/bytes.ts';
import { OversightError } from '../../protocols/base/errors.ts';
import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import { FORK_EVIDENCE_LIMIT } from '../../protocols/base/limits.ts';
import type { Head } from '../../protocols/feed/index.ts';
import { rememberedNames } from '../../protocols/identity/remembered-names.ts';
import { type Message, readStored } from '../../protocols/message/index.ts';
import { Database, type StatementSync } from './database.ts';
import { type FeedState, FeedTable, type NumberedFeed } from './feed-table.ts';
import { nativeHash } from './native-hash.ts';
import { PendingTable } from './pending.ts';
import { damaged } from './storage-fault.ts';
import { idOfWire, tagOf } from './tags.ts';

/** A message as stored. `cursor` is this node's own order of acceptance. */
export interface LedgerRow {
  readonly cursor: number;
  readonly wire: Uint8Array;
  readonly acceptedAt: number;
}

/**
 * `pending`: durable, but not part of its feed before what is missing has come. `surplus`: a third message at one sequence,
 * which proves nothing that two have not proven. `pending-full`: too much of this author waits already.
 */
export type AppendResult = 'appended' | 'pending' | 'duplicate' | 'surplus' | 'pending-full';

export interface AppendedRow {
  readonly cursor: number;
  readonly message: Message;
  readonly acceptedAt: number;
  /** `leafHash` of its wire, where that was at hand. */
  readonly leaf?: Uint8Array;
}

/** Called with the rows of a commit, in order, before their appends resolve. */
export type AppendListener = (rows: readonly AppendedRow[]) => void;

interface Waiting {
  readonly message: Message;
  readonly acceptedAt: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** What a commit made, before it is known to be durable. */
interface Committed {
  readonly rows: readonly AppendedRow[];
  readonly durable: PromiseWithResolvers<void>;
}

/** Messages in one commit at most; measured: above a few hundred the commit is no longer what costs. */
const COMMIT_LIMIT = 512;

/** Branches of a feed in the file: what is held as its chain, and a second message at a sequence. */
const CHAIN = 0;
const EVIDENCE = 1;

/** A node's durable store of accepted messages. An append that has resolved survives a kill and a power cut. */
export class Ledger implements Disposable {
  readonly #path: string;
  readonly #database: Database;
  readonly #insert: StatementSync;
  readonly #at: StatementSync;
  readonly #byTag: StatementSync;
  readonly #chain: StatementSync;
  readonly #bundle: StatementSync;
  #lengths: Uint8Array | null = null;
  readonly #feeds: FeedTable;
  readonly #nameOf = rememberedNames();
  readonly #pending: PendingTable;
  readonly #onAppended: AppendListener[] = [];
  readonly #onDurable: AppendListener[] = [];
  #waiting: Waiting[] = [];
  /** Not known to be durable yet, in the order of their cursors. */
  readonly #committed: Committed[] = [];
  #scheduled = false;
  #syncing = false;
  #closed = false;
  #lastCursor: number;

  constructor(path: string) {
    this.#path = path;
    this.#database = new Database(path, 'every-commit');
    const database = this.#database;
    this.#insert = database.prepare(
      'INSERT INTO message (cursor, feed, sequence, branch, tag, accepted_at, wire) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#at = database.prepare('SELECT wire FROM message WHERE feed = ? AND sequence = ?');
    this.#byTag = database.prepare(
      'SELECT cursor, wire, accepted_at FROM message WHERE tag = ? ORDER BY cursor',
    );
    this.#chain = database.prepare(
      'SELECT wire FROM message WHERE feed = ? AND sequence >= ? AND sequence < ? AND branch = 0 ORDER BY sequence',
    );
    // bytes as they are: a blob cast to text and back is not looked into
    this.#bundle = database.prepare(
      `SELECT CAST(group_concat(entry, '') AS BLOB) AS bundle FROM
       (SELECT substr(?, 2 * length(wire) + 1, 2) || wire AS entry FROM message
        WHERE feed = ? AND sequence >= ? AND sequence < ? AND branch = 0 ORDER BY sequence)`,
    );
    this.#pending = new PendingTable(database);
    try {
      this.#feeds = this.#read(() => new FeedTable(database));
      this.#lastCursor = this.#read(() => {
        const row = database.prepare('SELECT max(cursor) AS last FROM message').get();
        return (row as { last: number | null }).last ?? 0;
      });
    } catch (error) {
      database[Symbol.dispose]();
      throw error;
    }
  }

  /** Told as soon as rows can be read here: for who must never know less than the ledger does. */
  onAppended(listener: AppendListener): void {
    this.#onAppended.push(listener);
  }

  /** Told once no power cut can take the rows back: for who passes on that they are there. */
  onDurable(listener: AppendListener): void {
    this.#onDurable.push(listener);
  }

  /**
   * Resolves when the message is durable. Appends of one turn of the event loop share a commit, as do those that come
   * while the disk takes the last one.
   * @throws OversightError `disk-full`, `ledger-failed`
   */
  append(message: Message, acceptedAt: number): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, acceptedAt, resolve, reject });
      this.#schedule();
    });
  }

  /**
   * Appends messages in one commit, durable when this resolves: what a signed head vouches for, chunk by chunk.
   * @param leaves `leafHash` of each wire, where they are at hand
   * @throws OversightError `disk-full`, `ledger-failed`
   */
  async appendRange(
    messages: readonly Message[],
    acceptedAt: number,
    leaves: readonly Uint8Array[] = [],
  ): Promise<void> {
    this.#flush();
    const rows: AppendedRow[] = [];
    this.#commit('unsynced', () => {
      for (const [i, message] of messages.entries()) this.#place(message, acceptedAt, rows, leaves[i]);
    });
    await this.#whenDurable(rows);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      // what comes while the disk is at work shares the next commit
      if (!this.#syncing) this.#flush();
    });
  }

  /** Commits all that waits. */
  #flush(): void {
    while (this.#waiting.length > 0) this.#flushBatch(this.#waiting.splice(0, COMMIT_LIMIT));
  }

  #flushBatch(batch: readonly Waiting[]): void {
    const rows: AppendedRow[] = [];
    let results: AppendResult[];
    try {
      results = this.#commit('unsynced', () =>
        batch.map(({ message, acceptedAt }) => this.#place(message, acceptedAt, rows)),
      );
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    this.#whenDurable(rows).then(
      () => {
        for (const [i, { resolve }] of batch.entries()) resolve(results[i] as AppendResult);
      },
      (error: unknown) => {
        for (const { reject } of batch) reject(error);
      },
    );
  }

  /** Tells of rows that were just committed, now and again when they are durable; then it resolves. */
  #whenDurable(rows: readonly AppendedRow[]): Promise<void> {
    if (rows.length > 0) for (const listener of this.#onAppended) listener(rows);
    const durable = Promise.withResolvers<void>();
    this.#committed.push({ rows, durable });
    if (!this.#syncing) void this.#sync();
    return durable.promise;
  }

  /** Syncs to disk off this thread, as long as there is something that has been committed since. */
  async #sync(): Promise<void> {
    this.#syncing = true;
    for (let last = this.#committed.at(-1); last !== undefined; last = this.#committed.at(-1)) {
      try {
        await this.#database.sync();
        this.#confirm(last);
      } catch (error) {
        // they are committed, and confirmed with the next that become durable
        for (const { durable } of this.#committed) durable.reject(error);
        break;
      }
      this.#flush();
    }
    this.#syncing = false;
    if (this.#waiting.length > 0) this.#schedule();
  }

  #commit<T>(how: 'transaction' | 'unsynced', work: () => T): T {
    const lastCursor = this.#lastCursor;
    try {
      const result = this.#database[how](work);
      this.#feeds.commit();
      return result;
    } catch (error) {
      this.#feeds.rollback();
      this.#lastCursor = lastCursor;
      throw error;
    }
  }

  /** When a commit is durable, all before it are. */
  #confirm(last: Committed): void {
    for (const { rows, durable } of this.#committed.splice(0, this.#committed.indexOf(last) + 1)) {
      try {
        if (rows.length > 0) for (const listener of this.#onDurable) listener(rows);
        durable.resolve();
      } catch (error) {
        durable.reject(error);
      }
    }
  }

  /** Puts a message where it belongs, and after it what has waited for it. */
  #place(message: Message, acceptedAt: number, rows: AppendedRow[], leaf?: Uint8Array): AppendResult {
    const feed = this.#feeds.open(message.author);
    if (message.sequence > feed.length) {
      const { result, pending } = this.#pending.put(feed, message.sequence, message.wire);
      this.#feeds.change(feed, { pending });
      return result;
    }
    const result = this.#extendOrProve(feed, message, acceptedAt, rows, leaf);
    if (feed.pending.messages > 0) this.#drain(message.author, acceptedAt, rows);
    return result;
  }

  #drain(author: MemberKey, acceptedAt: number, rows: AppendedRow[]): void {
    for (;;) {
      const feed = this.#feeds.open(author);
      const taken = this.#pending.take(feed);
      if (taken === null) return;
      const next = this.#feeds.change(feed, { pending: taken.pending });
      this.#extendOrProve(next, this.parse(taken.wire), acceptedAt, rows);
    }
  }

  /** At the end of the chain a message extends it; below it is known, or the proof of a fork. */
  #extendOrProve(
    feed: NumberedFeed,
    message: Message,
    acceptedAt: number,
    rows: AppendedRow[],
    leaf?: Uint8Array,
  ): 'appended' | 'duplicate' | 'surplus' {
    const { sequence, wire, id } = message;
    if (sequence === feed.length) {
      this.#write(feed, message, CHAIN, acceptedAt, rows, leaf);
      this.#feeds.change(feed, { length: sequence + 1, head: id });
      return 'appended';
    }
    const held = this.#at.all(feed.number, sequence) as unknown as { wire: Uint8Array }[];
    if (held.some((each) => equalBytes(each.wire, wire))) return 'duplicate';
    // spec 01-limits §7: once a feed ends at a fork, only one before it says anything new
    const isAfterFork = feed.fork !== null && sequence >= feed.fork;
    if (held.length >= FORK_EVIDENCE_LIMIT || isAfterFork) return 'surplus';
    this.#write(feed, message, EVIDENCE, acceptedAt, rows);
    this.#feeds.change(feed, { fork: Math.min(feed.fork ?? sequence, sequence) });
    return 'appended';
  }

  #write(
    { number }: NumberedFeed,
    message: Message,
    branch: typeof CHAIN | typeof EVIDENCE,
    acceptedAt: number,
    rows: AppendedRow[],
    leaf?: Uint8Array,
  ): void {
    this.#lastCursor += 1;
    const cursor = this.#lastCursor;
    const { sequence, id, wire } = message;
    this.#insert.run(cursor, number, sequence, branch, tagOf(id), acceptedAt, wire);
    rows.push(leaf === undefined ? { cursor, message, acceptedAt } : { cursor, message, acceptedAt, leaf });
  }

  /** A message as it was when it was stored. @throws OversightError `ledger-damaged` when the bytes are none */
  parse(wire: Uint8Array): Message {
    try {
      return readStored(wire, nativeHash, this.#nameOf);
    } catch (error) {
      throw damaged(this.#path, error);
    }
  }

  /**
   * Compares a chain with the head that its author has signed: bytes that have changed on the disk give another root.
   * @param root of the chain held, when it had this size
   * @throws OversightError `ledger-damaged`
   */
  assertRoot({ author, size, root: signed }: Head, root: Uint8Array): void {
    if (equalBytes(root, signed)) return;
    throw damaged(
      this.#path,
      new TypeError(`the first ${size} messages of ${author} are not those it signed`),
    );
  }

  /** Reads, with SQLite's failures named, and bytes that are no message as damage. */
  #read<T>(work: () => T): T {
    try {
      return this.#database.read(work);
    } catch (error) {
      if (error instanceof OversightError && error.cause instanceof TypeError)
        throw damaged(this.#path, error.cause);
      throw error;
    }
  }

  has(id: MessageId): boolean {
    return this.get(id) !== null;
  }

  /** The message of this id; the first that came, where its author has signed it in two ways. */
  get(id: MessageId): LedgerRow | null {
    return this.#read(() => {
      const rows = this.#byTag.all(tagOf(id)) as unknown as StoredRow[];
      const row = rows.find(({ wire }) => idOfWire(wire) === id);
      return row === undefined ? null : toRow(row);
    });
  }

  /** Rows after the cursor, in order of acceptance. */
  *rows(afterCursor: number): Iterable<LedgerRow> {
    const page = this.#database.prepare(
      'SELECT cursor, wire, accepted_at FROM message WHERE cursor > ? ORDER BY cursor LIMIT 1000',
    );
    for (let cursor = afterCursor; ; ) {
      const rows = this.#read(() => page.all(cursor)) as unknown as StoredRow[];
      for (const row of rows) yield toRow(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      cursor = last.cursor;
    }
  }

  /** Messages of one author's chain with from <= sequence < to. */
  range(author: MemberKey, from: number, to: number): Uint8Array[] {
    const feed = this.#feeds.get(author);
    if (feed === null) return [];
    const rows = this.#read(() =>
      this.#chain.all(feed.number, from, Math.min(to, feed.length)),
    ) as unknown as { wire: Uint8Array }[];
    return rows.map(({ wire }) => wire);
  }

  /**
   * The same as an entry bundle (spec 12-feeds §4.4) of any number of entries; empty where there are none. In one piece,
   * made by SQLite: memory outside its heap is what the collector asks a full round for, again and again (measured).
   */
  bundle(author: MemberKey, from: number, to: number): Uint8Array {
    const feed = this.#feeds.get(author);
    if (feed === null) return new Uint8Array();
    this.#lengths ??= lengthTable();
    const lengths = this.#lengths;
    const row = this.#read(() => this.#bundle.get(lengths, feed.number, from, Math.min(to, feed.length)));
    return (row as { bundle: Uint8Array | null }).bundle ?? new Uint8Array();
  }

  /** Both messages at each of the lowest sequences where two are held: what proves a fork, in order of sequence. */
  evidence(author: MemberKey, limit: number): Uint8Array[] {
    const feed = this.#feeds.get(author);
    if (feed === null || feed.fork === null) return [];
    const rows = this.#database.read(() =>
      this.#database
        .prepare(
          `SELECT wire FROM message AS m WHERE feed = ? AND sequence IN
           (SELECT sequence FROM message WHERE feed = ? AND branch = 1 ORDER BY sequence LIMIT ?)
           ORDER BY sequence, branch`,
        )
        .all(feed.number, feed.number, limit),
    ) as unknown as { wire: Uint8Array }[];
    return rows.map(({ wire }) => wire);
  }

  /** Every feed of which something is held. */
  heads(): FeedState[] {
    return [...this.#feeds.all()].filter(({ length }) => length > 0);
  }

  headOf(author: MemberKey): FeedState | null {
    return this.#feeds.get(author);
  }

  /** Messages of this author held without a gap. */
  lengthOf(author: MemberKey): number {
    return this.#feeds.get(author)?.length ?? 0;
  }

  /** The latest head that its author has signed and the chain held leads to. */
  signedHead(author: MemberKey): Head | null {
    return this.#feeds.get(author)?.signed ?? null;
  }

  /** Durable when it returns. The caller has checked the signature, and that the chain held has this root. */
  keepHead(head: Head): void {
    this.#commit('transaction', () => {
      const feed = this.#feeds.open(head.author);
      this.#database
        .prepare(
          `INSERT INTO head (feed, size, root, signature) VALUES (?, ?, ?, ?)
           ON CONFLICT (feed) DO UPDATE SET size = excluded.size, root = excluded.root, signature = excluded.signature`,
        )
        .run(feed.number, head.size, head.root, head.signature);
      this.#feeds.change(feed, { signed: head });
    });
  }

  /** Messages held, those that prove forks included, those that wait not. */
  count(): number {
    return this.#lastCursor;
  }

  /** What waits for messages before it, of all authors. */
  waiting(): FeedState['pending'] {
    let messages = 0;
    let bytes = 0;
    for (const { pending } of this.#feeds.all()) {
      messages += pending.messages;
      bytes += pending.bytes;
    }
    return { messages, bytes };
  }

  /** Durable when it returns: no other payload of ours will ever have this sequence. spec 05-message §6 */
  reserve(sequence: number, payload: Uint8Array): void {
    this.#database.transaction(() => {
      this.#database
        .prepare('INSERT INTO reservation (sequence, payload) VALUES (?, ?)')
        .run(sequence, payload);
    });
  }

  /** Our highest reservation: to be signed and appended again if a kill came between. */
  lastReservation(): { readonly sequence: number; readonly payload: Uint8Array } | null {
    const row = this.#database.read(() =>
      this.#database
        .prepare('SELECT sequence, payload FROM reservation ORDER BY sequence DESC LIMIT 1')
        .get(),
    );
    return (row as { sequence: number; payload: Uint8Array } | undefined) ?? null;
  }

  /** For a node that takes up a new key: the feed of the new one begins at 0. */
  forgetReservations(): void {
    this.#database.transaction(() => {
      this.#database.prepare('DELETE FROM reservation').run();
    });
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#database[Symbol.dispose]();
    // closing has synced what was committed; nobody is left to be told
    for (const { durable } of this.#committed.splice(0)) durable.resolve();
  }
}

/** Two bytes for each length that an entry can have: SQLite takes one from here at a quarter of the cost of making it. */
function lengthTable(): Uint8Array {
  const table = new DataView(new ArrayBuffer(2 * 65_536));
  for (let length = 0; length < 65_536; length++) table.setUint16(2 * length, length);
  return new Uint8Array(table.buffer);
}

interface StoredRow {
  readonly cursor: number;
  readonly wire: Uint8Array;
  readonly accepted_at: number;
}

function toRow({ cursor, wire, accepted_at }: StoredRow): LedgerRow {
  return { cursor, wire, acceptedAt: accepted_at };
}
