import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { OversightError } from '../../protocols/base/errors.ts';
import { isPlainObject, type PlainObject } from '../../protocols/base/plain.ts';
import { type Claim, claim } from '../../protocols/kinds/index.ts';
import { readChecked } from './read-json.ts';

const directory = z.string().min(1);

/** finding.json: the body of a finding, with directories of the folder where the body has content references. */
const findingFile = z.looseObject({
  title: z.string(),
  /** Null for a finding about fidelity. */
  intervention: directory.nullable(),
  suite: directory,
  claim,
  /** Models on this machine, for a local run; not part of what is published. */
  targetDirectory: directory.optional(),
  /** What a finding about fidelity compares the target with. */
  sourceDirectory: directory.optional(),
  /** Checkpoints that the intervention reads, by CID. */
  sourceDirectories: z.record(z.string(), directory).optional(),
});

export interface FindingFolder {
  readonly title: string;
  readonly claim: Claim;
  /** Absolute paths. */
  readonly intervention: string | null;
  readonly suite: string;
  readonly target: string | null;
  readonly source: string | null;
  readonly sources: Readonly<Record<string, string>>;
  /** The body without the local directories. */
  readonly body: PlainObject;
}

/** @throws OversightError `finding-invalid`, `not-found` */
export async function readFindingFolder(folder: string): Promise<FindingFolder> {
  const path = join(folder, 'finding.json');
  const file = await readChecked(path, findingFile, 'finding-invalid');
  const { intervention, suite, targetDirectory, sourceDirectory, sourceDirectories = {}, ...rest } = file;
  const body = intervention === null ? { ...rest, intervention } : rest;
  const sources: Record<string, string> = {};
  for (const [cid, where] of Object.entries(sourceDirectories))
    sources[cid] = await checkDirectory(folder, where);
  if (!isPlainObject(body)) {
    throw new OversightError(
      'finding-invalid',
      `${path} holds a number that is not whole; write rates in millionths`,
    );
  }
  return {
    title: file.title,
    claim: file.claim,
    intervention: intervention === null ? null : await checkDirectory(folder, intervention),
    suite: await checkDirectory(folder, suite),
    target: targetDirectory === undefined ? null : await checkDirectory(folder, targetDirectory),
    source: sourceDirectory === undefined ? null : await checkDirectory(folder, sourceDirectory),
    sources,
    body,
  };
}

export async function checkDirectory(base: string, relative: string): Promise<string> {
  const path = resolve(base, relative);
  const found = await stat(path).catch(() => null); // refused below, whatever stands in the way
  if (found?.isDirectory()) return path;
  throw new OversightError('not-found', `${path} is not a directory`);
}
