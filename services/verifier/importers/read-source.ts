import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { SafetensorsHeader } from '../../../protocols/artifacts/index.ts';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import { readManifest } from '../engine/manifest.ts';
import { readSafetensorsHeader } from '../engine/safetensors-file.ts';

/** Vectors are small; the largest file of one is that of all layers and positions it was chosen from. */
const FILE_LIMIT_BYTES = 256 * 2 ** 20;

/** A whole file. @throws OversightError `not-found`, `intervention-invalid` where it is too large or no file */
export async function readWhole(path: string): Promise<Uint8Array> {
  await using file = await openSource(path);
  const found = await file.stat();
  if (!found.isFile()) throw invalid('file-unsuitable', `${path} is no file`);
  if (found.size > FILE_LIMIT_BYTES)
    throw invalid('file-too-large', `${path} has more than ${FILE_LIMIT_BYTES} bytes`);
  return file.readFile();
}

/** A file as JSON. @throws OversightError `not-found`, `intervention-invalid` */
export async function readWholeJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readWhole(path));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OversightError('intervention-invalid', `${path} is not JSON`, {
      cause,
      details: { reason: 'file-unreadable' },
    });
  }
}

/** A directory of a configuration and one safetensors file. @throws OversightError `intervention-invalid` */
export async function readPair(
  directory: string,
  names: { readonly config: string; readonly weights: string },
): Promise<{ readonly config: unknown; readonly path: string; readonly header: SafetensorsHeader }> {
  const config = await readManifest(directory, names.config, 'intervention-invalid');
  const path = join(directory, names.weights);
  const header = await readHeader(path);
  if (!header.ok) throw invalid(header.reason, `${names.weights}: ${header.detail}`);
  return { config, path, header: header.value };
}

async function readHeader(path: string): ReturnType<typeof readSafetensorsHeader> {
  try {
    return await readSafetensorsHeader(path);
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT')) throw cause;
    throw new OversightError(
      'intervention-invalid',
      `${path} is not there; weights are read from safetensors alone, a pickle beside it is not opened`,
      { cause, details: { reason: 'not-safetensors' } },
    );
  }
}

async function openSource(path: string) {
  try {
    return await open(path, 'r');
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT')) throw cause;
    throw new OversightError('not-found', `${path} is not there`, { cause });
  }
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('intervention-invalid', message, { details: { reason } });
}
