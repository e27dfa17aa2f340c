import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';

/** JSON files of a checkpoint: the largest tokenizers published take about 35 MB. */
const JSON_LIMIT_BYTES = 64 * 2 ** 20;

/** A text file of a checkpoint. @throws OversightError `checkpoint-invalid` when it is missing or too large. */
export async function readText(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  try {
    const file = await lstat(path);
    if (file.isFile() && file.size <= JSON_LIMIT_BYTES) return await readFile(path, 'utf8');
  } catch (cause) {
    const reason = hasErrno(cause, 'ENOENT') ? 'file-missing' : 'file-unreadable';
    throw new OversightError('checkpoint-invalid', `${name}: ${reason}`, { cause, details: { reason } });
  }
  throw new OversightError('checkpoint-invalid', `${name} is no file or too large`, {
    details: { reason: 'file-unsuitable' },
  });
}

/** @throws OversightError `checkpoint-invalid` when the file is missing, too large or not JSON. */
export async function readJson(directory: string, name: string): Promise<unknown> {
  const text = await readText(directory, name);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OversightError('checkpoint-invalid', `${name} is not JSON`, {
      cause,
      details: { reason: 'file-unreadable' },
    });
  }
}
