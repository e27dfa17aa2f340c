import { crc32 } from 'node:zlib';
import { fromUtf8 } from '../../../../protocols/base/bytes.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';

export type ZipRefusal =
  | 'zip-invalid'
  | 'zip-too-many-entries'
  | 'zip-name-repeated'
  | 'zip-compressed'
  | 'zip-overlap'
  | 'zip-checksum-wrong';

/** Two entries a tensor would be many. */
const ENTRIES_LIMIT = 16_384;

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const COMMENT_LIMIT_BYTES = 0xffff;
const ENCRYPTED = 1;

interface Entry {
  readonly name: string;
  readonly crc: number;
  readonly isStored: boolean;
  readonly begin: number;
  readonly end: number;
}

/** A ZIP file, no entry over another; only what is stored as it is, as `torch.save` writes, can be read. */
export class ZipFile {
  readonly #bytes: Uint8Array;
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(bytes: Uint8Array, entries: ReadonlyMap<string, Entry>) {
    this.#bytes = bytes;
    this.#entries = entries;
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Null where there is no such entry. */
  read(name: string): Result<Uint8Array | null, 'zip-compressed' | 'zip-checksum-wrong'> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return accept(null);
    if (!entry.isStored) return refuse('zip-compressed', name);
    const data = this.#bytes.subarray(entry.begin, entry.end);
    if (crc32(data) !== entry.crc) return refuse('zip-checksum-wrong', name);
    return accept(data);
  }
}

/** Reads the central directory; the entries stay views of `bytes`. Source: PKWARE APPNOTE 6.3.10 §4.3. */
export function readZip(bytes: Uint8Array): Result<ZipFile, ZipRefusal> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === null) return refuse('zip-invalid', 'no end of the central directory');
  const count = view.getUint16(end + 10, true);
  if (count > ENTRIES_LIMIT) return refuse('zip-too-many-entries', `${count} entries`);
  const entries = new Map<string, Entry>();
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL)
      return refuse('zip-invalid', `entry ${i} of ${count}`);
    const entry = readEntry(bytes, view, at, end);
    if (!entry.ok) return entry;
    if (entries.has(entry.value.name)) return refuse('zip-name-repeated', entry.value.name);
    entries.set(entry.value.name, entry.value);
    at += CENTRAL_BYTES + lengthsAt(view, at + 28);
  }
  const order = [...entries.values()].sort((a, b) => a.begin - b.begin);
  for (const [i, { name, begin }] of order.entries())
    if (i > 0 && begin < (order[i - 1] as Entry).end) return refuse('zip-overlap', name);
  return accept(new ZipFile(bytes, entries));
}

function readEntry(bytes: Uint8Array, view: DataView, at: number, end: number): Result<Entry, 'zip-invalid'> {
  const nameLength = view.getUint16(at + 28, true);
  if (at + CENTRAL_BYTES + nameLength > end) return refuse('zip-invalid', 'a name past the directory');
  let name: string;
  try {
    name = fromUtf8(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameLength));
  } catch {
    return refuse('zip-invalid', 'a name that is not UTF-8');
  }
  const size = view.getUint32(at + 20, true);
  const isStored = view.getUint16(at + 10, true) === 0 && size === view.getUint32(at + 24, true);
  if ((view.getUint16(at + 8, true) & ENCRYPTED) !== 0) return refuse('zip-invalid', `${name} is encrypted`);
  const local = view.getUint32(at + 42, true);
  if (local + LOCAL_BYTES > end || view.getUint32(local, true) !== LOCAL)
    return refuse('zip-invalid', `${name} has no local header`);
  const begin = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (begin + size > end) return refuse('zip-invalid', `${name} ends past the file`);
  return accept({ name, crc: view.getUint32(at + 16, true), isStored, begin, end: begin + size });
}

/** Lengths of name, extra field and comment. */
function lengthsAt(view: DataView, at: number): number {
  return view.getUint16(at, true) + view.getUint16(at + 2, true) + view.getUint16(at + 4, true);
}

/** The record at the end, whose comment has to reach exactly to the end of the file. */
function findEnd(view: DataView): number | null {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= 0 && at >= last - COMMENT_LIMIT_BYTES; at--)
    if (view.getUint32(at, true) === END && view.getUint16(at + 20, true) === last - at) return at;
  return null;
}
