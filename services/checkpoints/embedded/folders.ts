import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrno } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { parseContentId } from '../block.ts';

/** The unit of `stat.blocks`, whatever the file system (POSIX leaves it open; Linux and macOS have 512). */
const BLOCK_BYTES = 512;

/** The store's own tree: `incoming/<cid>` grows, `files/<cid>` is whole and read-only. A rename is the step between. */
export class Folders {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  get index(): string {
    return join(this.#root, 'index.sqlite');
  }

  incoming(cid: ContentId): string {
    return join(this.#root, 'incoming', cid);
  }

  whole(cid: ContentId): string {
    return join(this.#root, 'files', cid);
  }

  async create(): Promise<void> {
    for (const name of ['incoming', 'files'])
      await mkdir(join(this.#root, name), { recursive: true, mode: 0o700 });
  }

  listWhole(): Promise<ContentId[]> {
    return this.#list('files');
  }

  listIncoming(): Promise<ContentId[]> {
    return this.#list('incoming');
  }

  /** What a checkpoint that is not whole takes on the disk: its files are as long as they will be, with holes. */
  async incomingBytes(cid: ContentId): Promise<number> {
    let bytes = 0;
    for (const path of await filesBelow(this.incoming(cid))) bytes += (await stat(path)).blocks * BLOCK_BYTES;
    return bytes;
  }

  async #list(name: string): Promise<ContentId[]> {
    const names = await readdir(join(this.#root, name));
    return names.map(parseContentId).filter((cid) => cid !== null);
  }

  /** Shows a directory whose files are flushed. `folders` are relative, the root left out. */
  async publish(cid: ContentId, folders: readonly string[]): Promise<void> {
    const from = this.incoming(cid);
    for (const folder of folders) await flush(join(from, folder));
    await flush(from);
    await setFileModes(from, 0o444);
    await rename(from, this.whole(cid));
    await flush(dirname(this.whole(cid)));
    await flush(dirname(from));
  }

  /** Takes back a directory that was renamed but never entered in the index: its bytes are checked again. */
  async reopen(cid: ContentId): Promise<void> {
    await rm(this.incoming(cid), { recursive: true, force: true });
    await rename(this.whole(cid), this.incoming(cid));
  }

  /** False when there was nothing. */
  async delete(cid: ContentId): Promise<boolean> {
    const whole = await removeTree(this.whole(cid));
    return (await removeTree(this.incoming(cid))) || whole;
  }
}

/** Sets the mode of every file below. Folders stay writable, so that the operator can delete a node's data. */
async function setFileModes(directory: string, mode: number): Promise<void> {
  for (const path of await filesBelow(directory)) await chmod(path, mode);
}

async function removeTree(directory: string): Promise<boolean> {
  try {
    await rm(directory, { recursive: true });
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Paths of every file below; none where there is no such directory. */
async function filesBelow(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

async function flush(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
