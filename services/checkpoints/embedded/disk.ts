import { type FileHandle, statfs } from 'node:fs/promises';

/** The two calls that meet a full disk. A test passes one that fills up. */
export interface Disk {
  /** Writes all of `bytes` into an open file. */
  writeAt(file: FileHandle, offset: number, bytes: Uint8Array): Promise<void>;
  /** Bytes this user can still write beside `path`. */
  freeBytes(path: string): Promise<number>;
}

export const systemDisk: Disk = {
  async writeAt(file, offset, bytes) {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at, offset + at);
      at += bytesWritten;
    }
  },

  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};
