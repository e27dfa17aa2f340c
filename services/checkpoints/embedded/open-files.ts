import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Leaves come file after file, so a few open files are enough. */
const OPEN_LIMIT = 8;

interface Opened {
  readonly handle: Promise<FileHandle>;
  users: number;
}

/** Files kept open between one leaf and the next. */
export class OpenFiles implements AsyncDisposable {
  readonly #opened = new Map<string, Opened>();

  /** Runs `work` on the file, which must exist and be no link. */
  async use<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
    const flags = constants.O_RDWR | constants.O_NOFOLLOW;
    const entry = this.#opened.get(path) ?? { handle: open(path, flags), users: 0 };
    this.#opened.delete(path); // to the end: the file used longest ago is closed first
    this.#opened.set(path, entry);
    entry.users++;
    try {
      return await work(await entry.handle);
    } catch (error) {
      this.#opened.delete(path); // what could not be opened is not kept
      throw error;
    } finally {
      entry.users--;
      if (this.#opened.get(path) !== entry && entry.users === 0) await close(entry);
      await this.#closeIdle();
    }
  }

  async #closeIdle(): Promise<void> {
    for (const [path, entry] of this.#opened) {
      if (this.#opened.size <= OPEN_LIMIT) return;
      if (entry.users > 0) continue;
      this.#opened.delete(path);
      await close(entry);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#opened.values()];
    this.#opened.clear();
    for (const entry of all) await close(entry);
  }
}

async function close({ handle }: Opened): Promise<void> {
  const file = await handle.catch(() => null); // never opened: whoever asked was told
  await file?.close();
}
