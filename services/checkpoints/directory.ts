import { constants } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../../protocols/base/errors.ts';
import { DIRECTORY_FILES_LIMIT } from '../../protocols/base/limits.ts';
import { directoryInvalid, throwIfCancelled } from './failures.ts';
import { foldName, nameProblem } from './unixfs/names.ts';
import { DIRECTORY_DEPTH_LIMIT, LEAF_BYTES } from './unixfs/profile.ts';

export type Entry =
  | { readonly type: 'file'; readonly name: string; readonly path: string; readonly sizeBytes: number }
  | Folder;

export interface Folder {
  readonly type: 'folder';
  readonly name: string;
  /** Relative to the directory listed; empty for that directory itself. */
  readonly path: string;
  readonly entries: readonly Entry[];
}

/**
 * Lists a directory to publish. Symbolic links, devices, sockets and names that cannot travel are refused, not skipped,
 * so what is published is what its author sees. @throws OversightError `checkpoint-invalid`
 */
export async function listDirectory(
  directory: string,
  options: { readonly signal: AbortSignal },
): Promise<{
  readonly absolute: string;
  readonly tree: Folder;
  readonly files: number;
  readonly sizeBytes: number;
}> {
  const absolute = await resolveDirectory(directory);
  const totals = { entries: 0, files: 0, sizeBytes: 0 };

  const listFolder = async (name: string, path: string, depth: number): Promise<Folder> => {
    throwIfCancelled(options.signal);
    if (depth > DIRECTORY_DEPTH_LIMIT) throw directoryInvalid('too-deep', `${path} is nested too deep`);
    const entries: Entry[] = [];
    const seen = new Set<string>();
    for (const child of await readNames(join(absolute, path))) {
      if (child.startsWith('.')) continue;
      const childPath = path === '' ? child : `${path}/${child}`;
      const problem = nameProblem(child);
      if (problem !== null)
        throw directoryInvalid('name-invalid', `${JSON.stringify(childPath)}: the name ${problem}`);
      if (seen.has(foldName(child)))
        throw directoryInvalid(
          'name-collision',
          `${JSON.stringify(childPath)} differs from another name in case alone`,
        );
      seen.add(foldName(child));
      if (++totals.entries > DIRECTORY_FILES_LIMIT)
        throw directoryInvalid('too-many-files', `more than ${DIRECTORY_FILES_LIMIT} files and folders`);
      const stat = await lstat(join(absolute, childPath));
      if (stat.isDirectory()) entries.push(await listFolder(child, childPath, depth + 1));
      else if (stat.isFile()) {
        entries.push({ type: 'file', name: child, path: childPath, sizeBytes: stat.size });
        totals.files++;
        totals.sizeBytes += stat.size;
      } else if (stat.isSymbolicLink()) throw directoryInvalid('symlink', `${childPath} is a symbolic link`);
      else throw directoryInvalid('special-file', `${childPath} is neither a file nor a folder`);
    }
    return { type: 'folder', name, path, entries };
  };

  const tree = await listFolder('', '', 0);
  if (totals.files === 0) throw directoryInvalid('empty', `${absolute} has no files`);
  return { absolute, tree, files: totals.files, sizeBytes: totals.sizeBytes };
}

async function resolveDirectory(directory: string): Promise<string> {
  try {
    const absolute = await realpath(directory);
    if ((await lstat(absolute)).isDirectory()) return absolute;
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'ENOTDIR')) throw error;
  }
  throw directoryInvalid('not-a-directory', `${directory} is not a directory`);
}

/** Names in one order on every system, read as bytes: a name that is not UTF-8 must not turn into another. */
async function readNames(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const bytes of await readdir(folder, { encoding: 'buffer' })) {
    const name = bytes.toString('utf8');
    if (!Buffer.from(name, 'utf8').equals(bytes))
      throw directoryInvalid('name-invalid', `${folder}: a name is not UTF-8`);
    names.push(name);
  }
  return names.sort();
}

/**
 * A file's bytes in chunks of 1 MiB, the next read while the last is hashed. Each chunk is valid until the next.
 * @throws OversightError `checkpoint-invalid` when the file is no longer the one listed.
 */
export async function* readLeaves(
  path: string,
  sizeBytes: number,
  options: { readonly signal: AbortSignal },
): AsyncIterable<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw hasErrno(error, 'ELOOP') || hasErrno(error, 'ENOENT') ? changed(path) : error;
  });
  try {
    const before = await handle.stat();
    if (!before.isFile() || before.size !== sizeBytes) throw changed(path);
    const buffers = [Buffer.allocUnsafe(LEAF_BYTES), Buffer.allocUnsafe(LEAF_BYTES)] as const;
    const read = (index: number) => {
      const at = index * LEAF_BYTES;
      const length = Math.min(LEAF_BYTES, sizeBytes - at);
      return length > 0 ? readExactly(handle, buffers[index % 2 === 0 ? 0 : 1], at, length) : null;
    };
    let next = read(0);
    for (let index = 0; next !== null; index++) {
      const chunk = await next;
      if (chunk === null) throw changed(path);
      throwIfCancelled(options.signal);
      next = read(index + 1);
      next?.catch(() => undefined); // awaited in the next turn, or dropped when the reader stops early
      yield chunk;
    }
    const after = await handle.stat();
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw changed(path);
  } finally {
    await handle.close();
  }
}

function changed(path: string): Error {
  return directoryInvalid('changed-while-read', `${path} changed while it was read`);
}

interface Readable {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

/** `length` bytes at `position`, or null when the file ends before. */
export async function readExactly(
  file: Readable,
  buffer: Uint8Array,
  position: number,
  length: number,
): Promise<Uint8Array | null> {
  for (let have = 0; have < length; ) {
    const { bytesRead } = await file.read(buffer, have, length - have, position + have);
    if (bytesRead === 0) return null;
    have += bytesRead;
  }
  return buffer.subarray(0, length);
}
