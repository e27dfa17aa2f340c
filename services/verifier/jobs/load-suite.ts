import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Measure,
  type Prompt,
  parsePrompts,
  parseSuite,
  SUITE_FILE,
  type Suite,
} from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { readManifest } from '../engine/manifest.ts';

/** One prompt set; text beyond this belongs in several sets. */
const SET_LIMIT_BYTES = 256 * 2 ** 20;

export interface LoadedSuite {
  readonly suite: Suite;
  readonly prompts: ReadonlyMap<string, readonly Prompt[]>;
}

/** @throws OversightError `suite-invalid`; `details.reason` says why. */
export async function loadSuite(directory: string): Promise<LoadedSuite> {
  const parsed = parseSuite(await readManifest(directory, SUITE_FILE, 'suite-invalid'));
  if (!parsed.ok) throw suiteInvalid(parsed.reason, parsed.detail);
  const prompts = new Map<string, readonly Prompt[]>();
  for (const set of parsed.value.sets) {
    const rows = parsePrompts(await readSuiteFile(directory, set.file), set.count);
    if (!rows.ok) throw suiteInvalid(rows.reason, `${set.file}: ${rows.detail}`);
    prompts.set(set.id, rows.value);
  }
  return { suite: parsed.value, prompts };
}

/** @throws OversightError `suite-invalid` when the suite has no such measure. */
export function findMeasure(suite: Suite, id: string): Measure {
  const measure = suite.measures.find((candidate) => candidate.id === id);
  if (measure === undefined) throw suiteInvalid('measure-missing', `the suite has no measure '${id}'`);
  return measure;
}

/** A file of the suite beside its manifest, as text. @throws OversightError `suite-invalid` */
export async function readSuiteFile(directory: string, file: string): Promise<string> {
  const path = join(directory, file);
  try {
    const set = await lstat(path);
    if (set.isFile() && set.size <= SET_LIMIT_BYTES) return await readFile(path, 'utf8');
  } catch (cause) {
    throw new OversightError('suite-invalid', `${file} cannot be read`, {
      cause,
      details: { reason: 'file-unreadable' },
    });
  }
  throw suiteInvalid('file-unsuitable', `${file} is no file or larger than a prompt set`);
}

export function suiteInvalid(reason: string, message: string): OversightError {
  return new OversightError('suite-invalid', message, { details: { reason } });
}
