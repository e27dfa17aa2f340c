import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorCode, OversightError } from '../../../protocols/base/errors.ts';

/** A manifest is written by hand or by a tool; the largest real ones take some kilobytes. */
const MANIFEST_LIMIT_BYTES = 2 ** 20;

/** Parsed JSON of a small file. @throws OversightError with `code` when it is missing, too large or not JSON. */
export async function readManifest(directory: string, name: string, code: ErrorCode): Promise<unknown> {
  const path = join(directory, name);
  try {
    const file = await lstat(path);
    if (file.isFile() && file.size <= MANIFEST_LIMIT_BYTES) return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new OversightError(code, `${name} cannot be read`, {
      cause,
      details: { reason: 'file-unreadable' },
    });
  }
  throw new OversightError(code, `${name} is no file or larger than a manifest`, {
    details: { reason: 'file-unsuitable' },
  });
}
