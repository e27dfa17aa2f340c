import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** @param path relative to the repository */
export function readRepositoryFile(path: string): Promise<string> {
  return readFile(`${ROOT}${path}`, 'utf8');
}
