import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasErrno, OversightError } from '../../protocols/base/errors.ts';
import { DIRECTORY_FILES_LIMIT } from '../../protocols/base/limits.ts';
import { readLeaves } from './directory.ts';
import { asStorageError, directoryInvalid, throwIfCancelled } from './failures.ts';
import type { Progress } from './store.ts';
import { foldName, nameProblem } from './unixfs/names.ts';
import { DIRECTORY_DEPTH_LIMIT } from './unixfs/profile.ts';

export interface ImportOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** `link` shares the cache's bytes: whoever changes the cache changes the release, which is then no longer served. */
  readonly files: 'copy' | 'link';
  /** Looks at the directory before it is there under its name. What it throws ends the import. */
  readonly check?: (directory: string) => Promise<void>;
}

export interface Imported {
  readonly directory: string;
  readonly files: number;
  readonly sizeBytes: number;
  /** Files whose bytes were compared with the digest that the hub gave them. */
  readonly verified: number;
  /** Left out: names that start with a dot. */
  readonly hidden: readonly string[];
}

interface Source {
  /** In the new directory. */
  readonly path: string;
  /** Where the bytes lie: no symbolic link. */
  readonly from: string;
  readonly sizeBytes: number;
  /** What the hub named the blob after; null for a file that lies in the snapshot itself. */
  readonly etag: string | null;
}

const SHA256 = /^[0-9a-f]{64}$/;
const GIT_SHA1 = /^[0-9a-f]{40}$/;

/**
 * Makes a directory of real files from a snapshot of the Hugging Face cache, in which files are symbolic links into
 * `blobs/`, named by their digest: sha256 for large files, git's own for small ones. Each is checked as it is read.
 * Nothing is there until all is. Takes a snapshot, or the `models--…` folder above it: what its `refs/main` names, else
 * its only snapshot.
 * @throws OversightError `checkpoint-invalid` (`etag-mismatch`, `symlink`, …), `argument-invalid`, `disk-full`, `cancelled`
 */
export async function importSnapshot(
  snapshot: string,
  destination: string,
  options: ImportOptions,
): Promise<Imported> {
  const root = await resolveSnapshot(snapshot);
  const { sources, hidden } = await listSources(root, options.signal);
  if (sources.length === 0) throw directoryInvalid('empty', `${root} has no files`);
  const bytesTotal = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const growing = join(dirname(destination), `.${basename(destination)}.importing`);
  await assertAbsent(destination);
  await rm(growing, { recursive: true, force: true });
  let bytesDone = 0;
  try {
    for (const source of sources) {
      const target = join(growing, source.path);
      await mkdir(dirname(target), { recursive: true });
      await bring(source, target, options, (bytes) => {
        bytesDone += bytes;
        options.onProgress?.({ bytesDone, bytesTotal });
      });
    }
    await options.check?.(growing);
    await rename(growing, destination);
  } catch (error) {
    await rm(growing, { recursive: true, force: true });
    throw asStorageError(error);
  }
  const verified = sources.filter(({ etag }) => etag !== null).length;
  return { directory: destination, files: sources.length, sizeBytes: bytesTotal, verified, hidden };
}

async function resolveSnapshot(path: string): Promise<string> {
  try {
    const root = await realpath(path);
    const names = await readdir(root);
    if (!names.includes('snapshots')) return root;
    return await realpath(join(root, 'snapshots', await revisionIn(root)));
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR'))
      throw directoryInvalid('not-a-directory', `${path} is no snapshot of the Hugging Face cache`);
    throw error;
  }
}

async function revisionIn(root: string): Promise<string> {
  const main = await readFile(join(root, 'refs', 'main'), 'utf8').catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return null; // downloaded by its revision
    throw error;
  });
  const [only, ...others] = main === null ? await readdir(join(root, 'snapshots')) : [main.trim()];
  if (others.length > 0)
    throw directoryInvalid('not-a-directory', `${root} has several snapshots; give one of those in it`);
  if (only === undefined || !/^[0-9a-f]{1,64}$/.test(only))
    throw directoryInvalid('not-a-directory', `${root} names no revision`);
  return only;
}

async function listSources(
  root: string,
  signal: AbortSignal,
): Promise<{ readonly sources: readonly Source[]; readonly hidden: readonly string[] }> {
  const sources: Source[] = [];
  const hidden: string[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    throwIfCancelled(signal);
    if (depth > DIRECTORY_DEPTH_LIMIT) throw directoryInvalid('too-deep', `${folder} is nested too deep`);
    const seen = new Set<string>();
    for (const name of (await readdir(join(root, folder))).sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (name.startsWith('.')) {
        hidden.push(path);
        continue;
      }
      const problem = nameProblem(name);
      if (problem !== null)
        throw directoryInvalid('name-invalid', `${JSON.stringify(path)}: the name ${problem}`);
      if (seen.has(foldName(name)))
        throw directoryInvalid(
          'name-collision',
          `${JSON.stringify(path)} differs from another name in case alone`,
        );
      seen.add(foldName(name));
      const stat = await lstat(join(root, path));
      if (stat.isDirectory()) await walk(path, depth + 1);
      else if (stat.isFile())
        sources.push({ path, from: join(root, path), sizeBytes: stat.size, etag: null });
      else if (stat.isSymbolicLink()) sources.push(await followToBlob(root, path));
      else throw directoryInvalid('special-file', `${path} is neither a file nor a folder`);
      if (sources.length > DIRECTORY_FILES_LIMIT)
        throw directoryInvalid('too-many-files', `more than ${DIRECTORY_FILES_LIMIT} files`);
    }
  };
  await walk('', 0);
  return { sources, hidden };
}

/** A link is followed into `blobs/` of its own model and nowhere else: a snapshot cannot take files of the machine. */
async function followToBlob(root: string, path: string): Promise<Source> {
  const blobs = join(dirname(dirname(root)), 'blobs');
  let from: string;
  try {
    from = await realpath(join(root, path));
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ELOOP'))
      throw directoryInvalid('symlink', `${path} leads nowhere; download the snapshot again`);
    throw error;
  }
  const etag = basename(from);
  if (dirname(from) !== blobs || !(SHA256.test(etag) || GIT_SHA1.test(etag)))
    throw directoryInvalid('symlink', `${path} does not lead into ${blobs}`);
  const stat = await lstat(from);
  if (!stat.isFile()) throw directoryInvalid('special-file', `${path} is not a file`);
  return { path, from, sizeBytes: stat.size, etag };
}

async function bring(
  { path, from, sizeBytes, etag }: Source,
  target: string,
  { signal, files }: ImportOptions,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const digest = createHash(etag !== null && GIT_SHA1.test(etag) ? 'sha1' : 'sha256');
  // git names a blob by the sha1 of "blob", its length and its bytes
  if (etag !== null && GIT_SHA1.test(etag)) digest.update(`blob ${sizeBytes}\0`);
  const leaves = readLeaves(from, sizeBytes, { signal });
  if (files === 'link' && etag !== null) {
    for await (const chunk of leaves) {
      digest.update(chunk);
      onBytes(chunk.length);
    }
    await link(from, target);
  } else {
    await using out = await open(target, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644);
    for await (const chunk of leaves) {
      digest.update(chunk);
      await out.writeFile(chunk);
      onBytes(chunk.length);
    }
    await out.sync();
  }
  if (etag !== null && digest.digest('hex') !== etag)
    throw directoryInvalid('etag-mismatch', `${path} is not what the hub named ${etag}; download it again`);
}

async function assertAbsent(destination: string): Promise<void> {
  try {
    if ((await readdir(destination)).length === 0) return;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return;
    if (!hasErrno(error, 'ENOTDIR')) throw error;
  }
  throw new OversightError('argument-invalid', `${destination} is there already`);
}
