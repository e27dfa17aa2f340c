import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { z } from 'zod';

const packageJson = z.looseObject({ name: z.literal('analog-oversight'), version: z.string() });

/** Of the package this file came in, from the source tree or from dist. */
export function packageVersion(): string {
  const path = findPackageJSON('..', import.meta.url);
  if (path === undefined) throw new TypeError('the command has been taken out of its package');
  return packageJson.parse(JSON.parse(readFileSync(path, 'utf8'))).version;
}
