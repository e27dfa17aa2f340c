import { access, constants, open, rm, statfs } from 'node:fs/promises';
import { endOfFiles } from '../ledger/index.ts';

/** Below this a batch of messages and its write-ahead log may no longer fit. */
const LEAST_FREE_BYTES = 64 * 1_048_576;
const WRITTEN_BYTES = 65_536;
/** Whoever asks, the disk is not written to more often. */
const KEPT_MS = 1_000;

export interface StorageState {
  readonly ok: boolean;
  /** For people; names no path. */
  readonly says: string;
}

/** Whether the ledger can be written now: by its file, the room around it, and a write like its own beside it. */
export class StorageProbe {
  readonly #path: string;
  #last: { readonly atMs: number; readonly state: Promise<StorageState> } | null = null;

  /** @param path of the ledger */
  constructor(path: string) {
    this.#path = path;
  }

  async look(): Promise<StorageState> {
    const now = performance.now();
    if (this.#last === null || now - this.#last.atMs >= KEPT_MS)
      this.#last = { atMs: now, state: look(this.#path) };
    return this.#last.state;
  }
}

async function look(path: string): Promise<StorageState> {
  try {
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    const says = `${Math.floor(free / 1_048_576)} MiB are free for the ledger`;
    if (free < LEAST_FREE_BYTES) return { ok: false, says };
    // not opened: to close any handle of the file would drop the locks that SQLite has on it
    await access(path, constants.W_OK);
    return (await write(path))
      ? { ok: true, says }
      : { ok: false, says: 'the files of the ledger cannot grow' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    return { ok: false, says: `the ledger cannot be written: ${code}` };
  }
}

/** At the end of the ledger's files: what is before takes no room. @returns whether all of it fitted */
async function write(path: string): Promise<boolean> {
  const probe = `${path}.probe`;
  const file = await open(probe, 'w');
  try {
    const { bytesWritten } = await file.write(
      new Uint8Array(WRITTEN_BYTES),
      0,
      WRITTEN_BYTES,
      endOfFiles(path),
    );
    await file.sync();
    return bytesWritten === WRITTEN_BYTES;
  } finally {
    await file.close();
    await rm(probe, { force: true });
  }
}
