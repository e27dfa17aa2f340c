import { globSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);

export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export function filesMatching(pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.includes('node_modules'))
    .sort()
    .map((path) => ({ path, text: readFileSync(new URL(path, ROOT), 'utf8') }));
}

export function sourcesUnder(folder: string): SourceFile[] {
  return filesMatching(`${folder}/**/*.ts`);
}
