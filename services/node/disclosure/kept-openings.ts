import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fromHex, toHex } from '../../../protocols/base/bytes.ts';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import type { Plain } from '../../../protocols/base/plain.ts';
import type { FieldContext, Opening } from '../../../protocols/disclosure/index.ts';
import { firstIssue } from '../../../protocols/message/index.ts';
import { homePaths } from '../home.ts';

/** What an author keeps of a field that it withholds. spec 20-disclosure §1.4 */
export interface KeptOpening extends Opening {
  readonly context: FieldContext;
  readonly commitment: string;
  /** YYYY-MM-DD. */
  readonly retainedUntil: string;
}

const keptFile = z.looseObject({
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  value: z.custom<Plain>((value) => value !== undefined),
});

/**
 * Writes salt and value into a file of the home that only its owner can read, durably: once the notice is signed,
 * nothing else can open the field. Never overwrites one.
 */
export async function keepOpening(home: string, kept: KeptOpening): Promise<string> {
  const { context, commitment, retainedUntil, salt, value } = kept;
  const folder = homePaths(home).withheld;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = fileOf(home, commitment);
  await using file = await open(path, 'wx', 0o600);
  const content = { ...context, commitment, retainedUntil, salt: toHex(salt), value };
  await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
  await file.sync();
  await using entries = await open(folder, 'r');
  await entries.sync();
  return path;
}

/** @throws OversightError `not-found` where this home keeps no such opening, `config-invalid` where its file is damaged */
export async function readOpening(home: string, commitment: string): Promise<Opening> {
  const path = fileOf(home, commitment);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (hasErrno(error, 'ENOENT'))
      throw new OversightError('not-found', `${home} keeps no salt and value for this field`, {
        cause: error,
      });
    if (!(error instanceof SyntaxError)) throw error;
    throw new OversightError('config-invalid', `${path} is not JSON`, { cause: error });
  }
  const kept = keptFile.safeParse(content);
  if (!kept.success) throw new OversightError('config-invalid', `${path}: ${firstIssue(kept.error.issues)}`);
  return { salt: fromHex(kept.data.salt), value: kept.data.value };
}

/** @param commitment 64 hexadecimal digits: no path can hide in it */
function fileOf(home: string, commitment: string): string {
  if (!/^[0-9a-f]{64}$/.test(commitment)) throw new TypeError('not a commitment');
  return join(homePaths(home).withheld, `${commitment}.json`);
}
