import { CID } from 'multiformats/cid';
import { concatBytes } from '../../../protocols/base/bytes.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { encodeCarHeader } from '../../../protocols/bundle/car.ts';
import { contentId, isLeafCid } from '../block.ts';
import { notFound } from '../failures.ts';
import type { BlockReader } from '../store.ts';
import { type DirectoryNode, decodeNode, type FileNode } from '../unixfs/nodes.ts';

/** What of a directory or file a CAR holds. https://specs.ipfs.tech/http-gateways/trustless-gateway/#dag-scope-request-query-parameter */
export interface CarRequest {
  readonly cid: ContentId;
  /** Names from `cid` down to what is asked for; the nodes on the way come first. */
  readonly path: readonly string[];
  /** `entity`: a file whole, of a directory its own node. */
  readonly scope: 'all' | 'entity' | 'block';
  /** Of a file: the leaves that hold bytes `from` to `to`, both included; negative counts from the end, null is the end. */
  readonly bytes: { readonly from: number; readonly to: number | null } | null;
  /** Whether a block that occurs again is sent again. */
  readonly dups: boolean;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * A CARv1 of what the store holds, in depth-first order, one block in memory at a time; null when what is asked for is
 * not here or the path leads nowhere. A block that is missing further down ends it with an error.
 */
export async function openCar(
  store: BlockReader,
  request: CarRequest,
): Promise<AsyncIterable<Uint8Array> | null> {
  const way: ContentId[] = [request.cid];
  for (const name of request.path) {
    const node = await readNode(store, way.at(-1) as ContentId);
    const entry = node?.type === 'directory' ? node.entries.find((each) => each.name === name) : undefined;
    if (entry === undefined) return null;
    way.push(contentId(entry.cid));
  }
  const target = way.pop() as ContentId;
  return (await store.hasBlock(target)) ? new Walk(store, request).stream(way, target) : null;
}

class Walk {
  readonly #store: BlockReader;
  readonly #request: CarRequest;
  readonly #sent = new Set<ContentId>();

  constructor(store: BlockReader, request: CarRequest) {
    this.#store = store;
    this.#request = request;
  }

  async *stream(way: readonly ContentId[], target: ContentId): AsyncGenerator<Uint8Array> {
    yield encodeCarHeader(CID.parse(target));
    for (const cid of way) yield* this.#send(cid, await this.#block(cid));
    const bytes = await this.#block(target);
    yield* this.#send(target, bytes);
    if (this.#request.scope === 'block' || isLeafCid(CID.parse(target))) return;
    const node = decode(bytes);
    if (node.type === 'file') yield* this.#parts(node, 0, spanOf(this.#request.bytes, node.sizeBytes));
    else if (this.#request.scope === 'all') yield* this.#entries(node);
  }

  async *#entries(folder: DirectoryNode): AsyncGenerator<Uint8Array> {
    for (const entry of folder.entries) {
      const cid = contentId(entry.cid);
      if (!this.#request.dups && this.#sent.has(cid)) continue; // and so is all below it
      const bytes = await this.#block(cid);
      yield* this.#send(cid, bytes);
      if (isLeafCid(entry.cid)) continue;
      const node = decode(bytes);
      if (node.type === 'directory') yield* this.#entries(node);
      else yield* this.#parts(node, 0, { from: 0, to: node.sizeBytes - 1 });
    }
  }

  async *#parts(file: FileNode, offset: number, span: Span): AsyncGenerator<Uint8Array> {
    let at = offset;
    for (const part of file.parts) {
      const start = at;
      at += part.sizeBytes;
      if (at <= span.from || start > span.to) continue;
      const cid = contentId(part.cid);
      const isLeaf = isLeafCid(part.cid);
      if (!this.#request.dups && isLeaf && this.#sent.has(cid)) continue;
      const bytes = await this.#block(cid);
      yield* this.#send(cid, bytes);
      if (isLeaf) continue;
      const node = decode(bytes);
      if (node.type === 'file') yield* this.#parts(node, start, span);
    }
  }

  *#send(cid: ContentId, bytes: Uint8Array): Generator<Uint8Array> {
    if (!this.#request.dups) {
      if (this.#sent.has(cid)) return;
      this.#sent.add(cid);
    }
    const id = CID.parse(cid).bytes;
    yield concatBytes(varint(id.length + bytes.length), id);
    if (bytes.length > 0) yield bytes;
  }

  async #block(cid: ContentId): Promise<Uint8Array> {
    const bytes = await this.#store.block(cid);
    if (bytes === null) throw notFound(cid);
    return bytes;
  }
}

async function readNode(store: BlockReader, cid: ContentId): Promise<FileNode | DirectoryNode | null> {
  if (isLeafCid(CID.parse(cid))) return null;
  const bytes = await store.block(cid);
  return bytes === null ? null : decode(bytes);
}

/** A node of our own index: it was checked when it came. */
function decode(bytes: Uint8Array): FileNode | DirectoryNode {
  const node = decodeNode(bytes, null);
  if (!node.ok) throw new RangeError(node.detail);
  return node.value;
}

function spanOf(bytes: CarRequest['bytes'], sizeBytes: number): Span {
  const place = (position: number) => Math.max(0, position < 0 ? sizeBytes + position : position);
  if (bytes === null) return { from: 0, to: sizeBytes - 1 };
  return { from: place(bytes.from), to: bytes.to === null ? sizeBytes - 1 : place(bytes.to) };
}

/** Unsigned LEB128. */
function varint(value: number): Uint8Array {
  const out: number[] = [];
  let left = value;
  for (; left >= 0x80; left >>>= 7) out.push((left & 0x7f) | 0x80);
  out.push(left);
  return Uint8Array.from(out);
}
