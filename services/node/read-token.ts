import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { toHex } from '../../protocols/base/bytes.ts';
import { hasErrno } from '../../protocols/base/errors.ts';

/** The token that guarded reads ask for; made, mode 0600, where the home has none. */
export async function readTokenOf(path: string): Promise<string> {
  try {
    await writeFile(path, `${toHex(randomBytes(24))}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
  return (await readFile(path, 'utf8')).trim();
}
