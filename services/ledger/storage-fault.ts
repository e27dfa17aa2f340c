import { closeSync, fstatSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { hasErrno, messageOf, OversightError } from '../../protocols/base/errors.ts';

/** Primary result codes. https://sqlite.org/rescode.html */
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

/** What a system answers when there is no room: on the disk, in a quota, under a limit on the size of files. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG'] as const;
const PROBE_BYTES = 65_536;

/** Runs `work` on the database at `path`; what SQLite throws becomes `disk-full`, `ledger-damaged` or `ledger-failed`. */
export function withFaults<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw faultOf(path, error);
  }
}

/** What a failure of the file at `path` is called. */
export function faultOf(path: string, error: unknown): OversightError {
  if (error instanceof OversightError) return error;
  const code = sqliteCode(error);
  if (
    code === FULL ||
    NO_ROOM.some((errno) => hasErrno(error, errno)) ||
    (code === IO_ERROR && hasNoRoom(path))
  ) {
    return new OversightError('disk-full', 'the disk of the ledger is full; free space and start again', {
      cause: error,
    });
  }
  if (code === CORRUPT || code === NOT_A_DATABASE) return damaged(path, error);
  return new OversightError('ledger-failed', `the ledger cannot be used: ${messageOf(error)}`, {
    cause: error,
  });
}

export function damaged(path: string, cause: unknown): OversightError {
  return new OversightError(
    'ledger-damaged',
    `${path} is damaged (${messageOf(cause)}); move it and the files beside it (-wal, -shm) away and start again: the node fetches what it held from its peers before it speaks`,
    { cause },
  );
}

/** The primary code of an SQLite error; null for any other. */
function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

/**
 * Whether a write beside the ledger fails for want of room. SQLite tells ENOSPC apart, but calls a quota, a limit on file
 * sizes and a broken disk all an I/O error, and keeps the system's own code to itself.
 */
function hasNoRoom(path: string): boolean {
  const probe = `${path}.${process.pid}.probe`;
  try {
    const file = openSync(probe, 'w');
    try {
      // at the place where the files of the ledger end, for a limit on their size; what is before takes no room
      writeSync(file, new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, endOfFiles(path));
      fsyncSync(file);
      return fstatSync(file).size === 0;
    } finally {
      closeSync(file);
      rmSync(probe, { force: true });
    }
  } catch (error) {
    return NO_ROOM.some((errno) => hasErrno(error, errno));
  }
}

/** Where the longest of a ledger's files ends: a write there meets a limit on the size of files. */
export function endOfFiles(path: string): number {
  const sizes = [path, `${path}-wal`].map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return Math.max(...sizes);
}
