import { createReadStream } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { readBundleSource, type WiresSource } from '../../../protocols/audit/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { CarFault } from '../../../protocols/bundle/index.ts';

/** Read from the file at once. */
const READ_BYTES = 1_048_576;

/** A bundle in a file. @throws OversightError `bundle-invalid` where not even its beginning is one */
export async function openBundle(
  path: string,
  limitBytes: number,
  { signal }: { readonly signal: AbortSignal },
): Promise<WiresSource> {
  const { nativeSha256 } = await import('../../node/index.ts');
  const stream = createReadStream(path, { highWaterMark: READ_BYTES, signal });
  try {
    // an interrupt must be heard
    return await readBundleSource(stream, { limitBytes, sha256: nativeSha256, pause: setImmediate });
  } catch (error) {
    if (!(error instanceof CarFault)) throw error;
    throw new OversightError('bundle-invalid', `${path}: ${error.message}`, { cause: error });
  }
}
