import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { ConformanceCase, Json } from './case.ts';
import { casesOf, GRADED_FILES } from './vector-cases.ts';

/** The vectors of this package, from the source tree or as installed. */
export async function readVectorCases(
  files: readonly string[] = GRADED_FILES,
): Promise<Map<string, readonly ConformanceCase[]>> {
  const path = findPackageJSON('..', import.meta.url);
  if (path === undefined) throw new TypeError('the command has been taken out of its package');
  const folder = join(dirname(path), 'protocols', 'vectors');
  const cases = new Map<string, readonly ConformanceCase[]>();
  for (const file of files) {
    const content: unknown = JSON.parse(await readFile(join(folder, file), 'utf8'));
    cases.set(file, casesOf(file, content as Readonly<Record<string, Json>>));
  }
  return cases;
}
