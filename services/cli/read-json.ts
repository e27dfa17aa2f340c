import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { type ErrorCode, OversightError } from '../../protocols/base/errors.ts';
import { firstIssue } from '../../protocols/message/index.ts';

/** @throws OversightError `argument-invalid` when the file is not JSON; the system's error when it cannot be read. */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new OversightError('argument-invalid', `${path} is not JSON`, { cause: error });
  }
}

/** Reads and checks a file of ours. @throws OversightError with the code given when it does not fit the schema. */
export async function readChecked<T extends z.ZodType>(
  path: string,
  schema: T,
  code: ErrorCode = 'argument-invalid',
): Promise<z.infer<T>> {
  const parsed = schema.safeParse(await readJsonFile(path));
  if (parsed.success) return parsed.data;
  throw new OversightError(code, `${path}: ${firstIssue(parsed.error.issues)}`);
}
