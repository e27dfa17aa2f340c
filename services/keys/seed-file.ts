import { randomBytes } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { fromHex, toHex } from '../../protocols/base/bytes.ts';
import { hasErrno, OversightError } from '../../protocols/base/errors.ts';

/** Makes a new 32-byte seed in a file that only its owner can read. Never overwrites one. */
export async function createSeedFile(path: string): Promise<Uint8Array> {
  const seed = randomBytes(32);
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(`${toHex(seed)}\n`);
    await file.sync();
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) {
      throw new OversightError('home-exists', `${path} exists; a seed is never overwritten`, {
        cause: error,
      });
    }
    throw error;
  }
  return seed;
}

/** @throws OversightError `seed-invalid` for a missing, malformed or readable-by-others seed. */
export async function readSeedFile(path: string): Promise<Uint8Array> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new OversightError('seed-invalid', `others can read ${path}; run: chmod 600 ${path}`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof OversightError) throw error;
    throw new OversightError('seed-invalid', `cannot read the seed in ${path}`, { cause: error });
  }
  if (!/^[0-9a-f]{64}\s*$/.test(text)) {
    throw new OversightError('seed-invalid', `${path} does not hold 64 hexadecimal digits`);
  }
  return fromHex(text.trim());
}
