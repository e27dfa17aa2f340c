import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { CID } from 'multiformats/cid';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { asStorageError } from '../failures.ts';
import type { CheckpointFile, Origin, StoredCheckpoint } from '../store.ts';
import type { Leaf } from '../unixfs/file-dag.ts';
import { PROFILE } from '../unixfs/profile.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoint (
    cid TEXT PRIMARY KEY, origin TEXT NOT NULL, directory TEXT NOT NULL, size_bytes INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS file (
    id INTEGER PRIMARY KEY, checkpoint TEXT NOT NULL, path TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL, cid TEXT NOT NULL, UNIQUE (checkpoint, path)) STRICT;
  CREATE TABLE IF NOT EXISTS leaf (
    cid BLOB NOT NULL, file INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    PRIMARY KEY (cid, file, offset)) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS leaf_of_file ON leaf (file);
  CREATE TABLE IF NOT EXISTS node (
    cid BLOB NOT NULL, checkpoint TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (cid, checkpoint)) STRICT;
  CREATE INDEX IF NOT EXISTS node_of_checkpoint ON node (checkpoint);
`;

/** Where a leaf can be read. */
export interface Place {
  readonly directory: string;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export interface IndexedFile extends CheckpointFile {
  readonly leaves: readonly Leaf[];
}

export interface NewCheckpoint {
  readonly cid: ContentId;
  readonly origin: Origin;
  readonly directory: string;
  readonly files: readonly IndexedFile[];
  readonly nodes: readonly { readonly cid: CID; readonly bytes: Uint8Array }[];
}

/** Which blocks the store has and where: interior nodes as bytes, leaves as places in files. The one user of SQLite here. */
export class BlockIndex implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * @param pageLimit pages of 4 KiB the index may grow to; beyond, a write fails as on a full disk.
   * @throws Error of SQLite when the file is no index, or another process has it open.
   */
  constructor(path: string, options: { readonly pageLimit?: number } = {}) {
    this.#db = new DatabaseSync(path, { timeout: 5_000 });
    // EXCLUSIVE: the files beside the index have one owner, so a second process must not write here.
    this.#db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    if (options.pageLimit !== undefined)
      this.#db.exec(`PRAGMA max_page_count = ${Math.trunc(options.pageLimit)}`);
    this.#db.exec(SCHEMA);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** All or nothing, also on a full disk. */
  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw asStorageError(error);
    }
  }

  putCheckpoint(checkpoint: NewCheckpoint): void {
    this.#transaction(() => {
      this.#forget(checkpoint.cid, 'keep-nodes');
      const sizeBytes = checkpoint.files.reduce((sum, file) => sum + file.sizeBytes, 0);
      this.#prepare('INSERT INTO checkpoint VALUES (?, ?, ?, ?)').run(
        checkpoint.cid,
        checkpoint.origin,
        checkpoint.directory,
        sizeBytes,
      );
      const addFile = this.#prepare(
        'INSERT INTO file (checkpoint, path, size_bytes, sha256, cid) VALUES (?, ?, ?, ?, ?)',
      );
      const addLeaf = this.#prepare('INSERT INTO leaf VALUES (?, ?, ?, ?)');
      for (const file of checkpoint.files) {
        const id = addFile.run(
          checkpoint.cid,
          file.path,
          file.sizeBytes,
          file.sha256,
          file.cid,
        ).lastInsertRowid;
        for (const leaf of file.leaves) addLeaf.run(CID.parse(leaf.cid).bytes, id, leaf.offset, leaf.length);
      }
      for (const node of checkpoint.nodes) this.#addNode(checkpoint.cid, node.cid, node.bytes);
    });
  }

  putNode(checkpoint: ContentId, cid: ContentId, bytes: Uint8Array): void {
    this.#transaction(() => this.#addNode(checkpoint, CID.parse(cid), bytes));
  }

  #addNode(checkpoint: ContentId, cid: CID, bytes: Uint8Array): void {
    this.#prepare('INSERT OR IGNORE INTO node VALUES (?, ?, ?)').run(cid.bytes, checkpoint, bytes);
  }

  node(cid: ContentId): Uint8Array | null {
    const row = this.#prepare('SELECT bytes FROM node WHERE cid = ? LIMIT 1').get(CID.parse(cid).bytes);
    return row === undefined ? null : (row['bytes'] as Uint8Array);
  }

  /** The node, from now on also this checkpoint's own: it stays when the other that brought it goes. */
  shareNode(checkpoint: ContentId, cid: ContentId): Uint8Array | null {
    const bytes = this.node(cid);
    if (bytes !== null) this.putNode(checkpoint, cid, bytes);
    return bytes;
  }

  /** Checkpoints of which only nodes are here. */
  unfinished(): readonly ContentId[] {
    const rows = this.#prepare(
      'SELECT DISTINCT checkpoint FROM node WHERE checkpoint NOT IN (SELECT cid FROM checkpoint)',
    ).all();
    return rows.map((row) => row['checkpoint'] as ContentId);
  }

  hasBlock(cid: ContentId): boolean {
    const { bytes } = CID.parse(cid);
    return (
      this.#prepare(
        'SELECT 1 FROM node WHERE cid = ? UNION ALL SELECT 1 FROM leaf WHERE cid = ? LIMIT 1',
      ).get(bytes, bytes) !== undefined
    );
  }

  /** Places of a leaf, the store's own files first: they do not change. At most `limit`. */
  places(cid: ContentId, limit: number): readonly Place[] {
    const rows = this.#prepare(
      `SELECT checkpoint.directory, file.path, leaf.offset, leaf.length FROM leaf
       JOIN file ON file.id = leaf.file JOIN checkpoint ON checkpoint.cid = file.checkpoint
       WHERE leaf.cid = ? ORDER BY checkpoint.origin, file.id, leaf.offset LIMIT ?`,
    ).all(CID.parse(cid).bytes, limit);
    return rows.map((row) => ({
      directory: row['directory'] as string,
      path: row['path'] as string,
      offset: row['offset'] as number,
      length: row['length'] as number,
    }));
  }

  /** Leaves of a checkpoint in the order of its files. */
  *leaves(cid: ContentId): Iterable<ContentId> {
    const statement = this.#db.prepare(
      'SELECT leaf.cid FROM leaf JOIN file ON file.id = leaf.file WHERE file.checkpoint = ? ORDER BY file.id, leaf.offset',
    );
    for (const row of statement.iterate(cid))
      yield CID.decode(row['cid'] as Uint8Array).toString() as ContentId;
  }

  checkpoint(cid: ContentId): (StoredCheckpoint & { readonly directory: string }) | null {
    const row = this.#prepare('SELECT * FROM checkpoint WHERE cid = ?').get(cid);
    if (row === undefined) return null;
    const files = this.#prepare('SELECT * FROM file WHERE checkpoint = ? ORDER BY id').all(cid);
    return {
      cid,
      profile: PROFILE,
      origin: row['origin'] as Origin,
      directory: row['directory'] as string,
      sizeBytes: row['size_bytes'] as number,
      files: files.map((file) => ({
        path: file['path'] as string,
        sizeBytes: file['size_bytes'] as number,
        sha256: file['sha256'] as string,
        cid: file['cid'] as ContentId,
      })),
    };
  }

  checkpoints(origin?: Origin): readonly ContentId[] {
    const rows = this.#prepare('SELECT cid FROM checkpoint WHERE ?1 IS NULL OR origin = ?1 ORDER BY cid').all(
      origin ?? null,
    );
    return rows.map((row) => row['cid'] as ContentId);
  }

  fetchedBytes(): number {
    const row = this.#prepare(
      "SELECT total(size_bytes) AS bytes FROM checkpoint WHERE origin = 'fetched'",
    ).get();
    return Number(row?.['bytes'] ?? 0);
  }

  /** False when there was nothing of it. */
  remove(cid: ContentId): boolean {
    const isHere = this.checkpoint(cid) !== null || this.unfinished().includes(cid);
    this.#transaction(() => this.#forget(cid, 'drop-nodes'));
    return isHere;
  }

  #forget(cid: ContentId, nodes: 'keep-nodes' | 'drop-nodes'): void {
    this.#prepare('DELETE FROM leaf WHERE file IN (SELECT id FROM file WHERE checkpoint = ?)').run(cid);
    this.#prepare('DELETE FROM file WHERE checkpoint = ?').run(cid);
    this.#prepare('DELETE FROM checkpoint WHERE cid = ?').run(cid);
    if (nodes === 'drop-nodes') this.#prepare('DELETE FROM node WHERE checkpoint = ?').run(cid);
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close();
  }
}
