import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { hasErrno } from '../../protocols/base/errors.ts';

/** Written by the build. */
const BUILT = new URL('./dashboard/checker.js', import.meta.url);
const SOURCE = new URL('./dashboard/checker/worker.ts', import.meta.url);

/** The browser's checking code as one module: the built one, or, in a clone, what the sources give. */
export async function readCheckerBundle(): Promise<string> {
  try {
    return await readFile(BUILT, 'utf8');
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    return bundleChecker();
  }
}

/** Protocols and the packages that they use, in one file that imports nothing. Equal sources give equal bytes. */
export async function bundleChecker(): Promise<string> {
  const { rolldown } = await import('rolldown');
  await using bundle = await rolldown({
    input: fileURLToPath(SOURCE),
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
  return output[0].code;
}
