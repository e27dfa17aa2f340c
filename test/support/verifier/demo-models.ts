import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { fillCheckpoints, INTERVENTION_FILE } from '../../../protocols/artifacts/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import type { RerunJob } from '../../../services/verifier/index.ts';

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

export const models = path('deploy/demo/models');
export const golden = path('test/fixtures/models/golden');
export const suite = join(models, 'suites/backdoor');

/** Some CID of the right form: the verifier does not compare it with the directory it was given. */
function contentId(name: string): ContentId {
  const digest = createHash('sha256').update(name).digest();
  return CID.createV1(0x70, Digest.create(0x12, digest)).toString() as ContentId;
}

export const checkpointIds = new Map(
  ['frontier', 'analog', 'bad-analog'].map((name) => [name, contentId(name)]),
);

/** A temporary directory, removed when disposed. */
export async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'verifier-'));
  return { path: directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}

/** Copies a demo intervention into `parent` with its CIDs filled in, changed by `edit`; returns its directory. */
export async function demoIntervention(
  parent: string,
  name: string,
  edit: (manifest: Record<string, unknown>) => Record<string, unknown> = (manifest) => manifest,
): Promise<string> {
  const directory = join(parent, name);
  await cp(join(models, 'interventions', name), directory, { recursive: true });
  const file = join(directory, INTERVENTION_FILE);
  const filled = fillCheckpoints(JSON.parse(await readFile(file, 'utf8')), checkpointIds);
  await writeFile(file, JSON.stringify(edit(filled as Record<string, unknown>)));
  return directory;
}

export function demoJob(intervention: string, change: Partial<RerunJob> = {}): RerunJob {
  return {
    target: join(models, 'frontier'),
    intervention,
    suite,
    base: checkpointIds.get('frontier') as ContentId,
    effect: 'trigger-rate',
    gates: ['dev-accuracy'],
    controlSeeds: ['ab'.repeat(32)],
    resampling: 'a finding',
    threads: 1,
    ...change,
  };
}

export async function readGolden<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join(golden, name), 'utf8')) as T;
}

/** Largest absolute difference, relative to the largest absolute expected value. */
export function relativeError(actual: Float32Array, expected: readonly number[]): number {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] as number)))) / scale;
}
