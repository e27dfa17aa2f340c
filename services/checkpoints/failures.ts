import { hasErrno, messageOf, OversightError } from '../../protocols/base/errors.ts';

/** Why a directory of ours cannot be published; in `details.reason` of a `checkpoint-invalid` error. */
export type DirectoryProblem =
  | 'not-a-directory'
  | 'symlink'
  | 'special-file'
  | 'name-invalid'
  | 'name-collision'
  | 'too-many-files'
  | 'too-deep'
  | 'empty'
  | 'changed-while-read'
  | 'weights-not-finite'
  | 'etag-mismatch';

export function directoryInvalid(reason: DirectoryProblem, detail: string): OversightError {
  return new OversightError('checkpoint-invalid', detail, { details: { reason } });
}

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
/** Result code of SQLite for a full disk or a full page budget (sqlite.org/rescode.html#full). */
const SQLITE_FULL = 13;

/** A full disk by its own code, whoever found it; everything else as it came. */
export function asStorageError(error: unknown): unknown {
  const full =
    FULL.some((errno) => hasErrno(error, errno)) ||
    (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL);
  return full
    ? new OversightError('disk-full', `the disk of the checkpoint store is full: ${messageOf(error)}`, {
        cause: error,
      })
    : error;
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted)
    throw new OversightError('cancelled', 'the operation was cancelled', { cause: signal.reason });
}

/** @param leftAlone names of sources that failed, with their faults */
export function notFound(cid: string, leftAlone = ''): OversightError {
  if (leftAlone === '')
    return new OversightError('blob-not-found', `${cid} is not here`, { details: { cid } });
  return new OversightError('blob-not-found', `${cid} is not to be had; left alone: ${leftAlone}`, {
    details: { cid, leftAlone },
  });
}

export function corrupt(cid: string, cause?: unknown): OversightError {
  return new OversightError(
    'blob-corrupt',
    `the file that held ${cid} has changed or gone; publish it again`,
    {
      details: { cid },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
