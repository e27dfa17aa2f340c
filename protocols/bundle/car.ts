import { z } from 'zod';
import { concatBytes, equalBytes } from '../base/bytes.ts';
import { BUNDLE_BLOCK_LIMIT_BYTES } from '../base/limits.ts';
import { CID, documentCid, readCid, type Sha256 } from '../codec/cid.ts';
import { decodeCanonical, encode } from '../codec/codec.ts';

/** Bytes of a CID of this protocol: version 1, one byte of codec, sha2-256. */
const CID_BYTES = 36;
/** Bytes of a length before a section; more than a block can have does not fit into four. */
const VARINT_BYTES = 4;

/** A block whose bytes have the hash that its CID says. */
export interface Block {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

/** Why bytes are no CAR file that this protocol reads. */
export class CarFault extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'CarFault';
  }
}

const carHeader = z.strictObject({
  version: z.literal(1),
  roots: z.array(z.custom<CID>((value) => CID.asCID(value) !== null)).length(1),
});

export function encodeCarHeader(root: CID): Uint8Array {
  return section(encode({ version: 1, roots: [root] }));
}

export function encodeCarBlock({ cid, bytes }: Block): Uint8Array {
  return section(cid.bytes, bytes);
}

function section(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(varint(parts.reduce((sum, { length }) => sum + length, 0)), ...parts);
}

/**
 * Reads a CARv1 file of one root, block after block, holding one block and what has come of the next. Each block is
 * hashed before it is given. spec 13-bundle §1 @throws CarFault
 */
export async function* readCar(
  source: AsyncIterable<Uint8Array>,
  sha256?: Sha256,
): AsyncGenerator<{ readonly root: CID } | Block> {
  const reader = new SectionReader(source);
  try {
    const header = await reader.next();
    if (header === null) throw new CarFault('the file is empty');
    yield { root: rootOf(header) };
    for (let bytes = await reader.next(); bytes !== null; bytes = await reader.next())
      yield readBlock(bytes, sha256);
  } finally {
    await reader.close();
  }
}

function rootOf(bytes: Uint8Array): CID {
  const decoded = decodeCanonical(bytes);
  const header = decoded.ok ? carHeader.safeParse(decoded.value) : null;
  const [root] = header?.success ? header.data.roots : [];
  if (root === undefined) throw new CarFault('no header of a CARv1 file with one root');
  return root;
}

function readBlock(bytes: Uint8Array, sha256?: Sha256): Block {
  const cid = bytes.length > CID_BYTES ? readCid(bytes.slice(0, CID_BYTES)) : null;
  if (cid === null) throw new CarFault('a block without a CID of this protocol');
  const content = bytes.subarray(CID_BYTES);
  if (!equalBytes(documentCid(content, sha256).bytes, cid.bytes))
    throw new CarFault(`the bytes of ${cid} are not what its hash says`);
  return { cid, bytes: content };
}

class SectionReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next section, as its own bytes; null at the end of the file. */
  async next(): Promise<Uint8Array | null> {
    if (!(await this.#has(1))) return null;
    let length = 0;
    for (let i = 0; ; i++) {
      if (i === VARINT_BYTES || !(await this.#has(1))) throw new CarFault('a length that is none');
      const byte = this.#held[this.#at++] as number;
      length |= (byte & 0x7f) << (7 * i);
      if (byte === 0 && i > 0) throw new CarFault('a length longer than it need be');
      if (byte < 0x80) break;
    }
    if (length === 0 || length > CID_BYTES + BUNDLE_BLOCK_LIMIT_BYTES)
      throw new CarFault(`a section of ${length} bytes`);
    if (!(await this.#has(length))) throw new CarFault('the file is cut short');
    const bytes = this.#held.slice(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  async #has(length: number): Promise<boolean> {
    while (this.#held.length - this.#at < length) {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#held = concatBytes(this.#held.subarray(this.#at), next.value);
      this.#at = 0;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
