import { open } from 'node:fs/promises';
import type { Draw } from './draw.ts';

/** https://sqlite.org/fileformat.html: header of the log, and of each frame, which holds one page. */
const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

interface Frame {
  /** In the log. */
  readonly offset: number;
  /** From 1 on. */
  readonly page: number;
  readonly commits: boolean;
}

interface Log {
  readonly pageBytes: number;
  /** Those of the log's present generation, in order; what lies behind them is left from an earlier one. */
  readonly frames: readonly Frame[];
}

/** Bytes behind the last frame, as of a write that was cut short. Recovery must pass over them. */
export async function tearWriteInFlight(database: string, draw: Draw): Promise<void> {
  const { pageBytes, frames } = await readLog(database);
  const end =
    frames.length === 0
      ? LOG_HEADER_BYTES
      : LOG_HEADER_BYTES + frames.length * (FRAME_HEADER_BYTES + pageBytes);
  await overwrite(`${database}-wal`, end, draw.bytes(draw.between(1, FRAME_HEADER_BYTES + pageBytes)));
}

/** Half of a page of the database that the log still has in full. Recovery must take the log's. */
export async function tearCheckpointedPage(database: string, draw: Draw): Promise<void> {
  const { pageBytes, frames } = await readLog(database);
  const pages = frames.map(({ page }) => page).filter((page) => page > 1);
  if (pages.length === 0) return; // nothing was being copied
  await overwrite(database, (Math.max(...pages) - 1) * pageBytes, draw.bytes(pageBytes >> 1));
}

/** The frame that made the last commit valid. The database goes back to the commit before. */
export async function tearLastCommit(database: string, draw: Draw): Promise<void> {
  const { pageBytes, frames } = await readLog(database);
  const last = frames.findLast(({ commits }) => commits);
  if (last === undefined) return;
  await overwrite(
    `${database}-wal`,
    last.offset + FRAME_HEADER_BYTES + (pageBytes >> 1),
    draw.bytes(pageBytes >> 1),
  );
}

/** The last page of the database itself, with nothing in the log to heal it. */
export async function tearLastPage(database: string, draw: Draw): Promise<void> {
  await using log = await open(`${database}-wal`, 'r+').catch(() => null);
  await log?.truncate(0);
  await using file = await open(database, 'r+');
  const pageBytes = await pageSize(database);
  const { size } = await file.stat();
  const last = Math.floor(size / pageBytes) - 1;
  if (draw.chance(0.5)) await file.truncate(last * pageBytes + draw.between(0, pageBytes - 1));
  else await overwrite(database, last * pageBytes, draw.bytes(pageBytes));
}

async function readLog(database: string): Promise<Log> {
  const pageBytes = await pageSize(database);
  await using file = await open(`${database}-wal`, 'r').catch(() => null);
  const bytes = (await file?.readFile()) ?? Buffer.alloc(0);
  const frames: Frame[] = [];
  if (bytes.length < LOG_HEADER_BYTES) return { pageBytes, frames };
  const salts = bytes.subarray(16, 24);
  for (
    let offset = LOG_HEADER_BYTES;
    offset + FRAME_HEADER_BYTES + pageBytes <= bytes.length;
    offset += FRAME_HEADER_BYTES + pageBytes
  ) {
    if (!bytes.subarray(offset + 8, offset + 16).equals(salts)) break;
    frames.push({
      offset,
      page: bytes.readUInt32BE(offset),
      commits: bytes.readUInt32BE(offset + 4) !== 0,
    });
  }
  return { pageBytes, frames };
}

async function pageSize(database: string): Promise<number> {
  await using file = await open(database, 'r');
  const header = Buffer.alloc(18);
  await file.read(header, 0, header.length, 0);
  const size = header.readUInt16BE(16);
  return size === 1 ? 65_536 : size;
}

async function overwrite(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'r+').catch(() => open(path, 'w+'));
  await file.write(bytes, 0, bytes.length, offset);
}
