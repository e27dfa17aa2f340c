import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { equalBytes } from '../../../protocols/base/bytes.ts';
import { messageOf } from '../../../protocols/base/errors.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { isContentCid } from '../../../protocols/codec/cid.ts';
import { isLeafCid, nodeCid } from '../block.ts';
import { foldName, nameProblem } from './names.ts';
import { childSizes, DIRECTORY_NODE_LIMIT_BYTES, LEAF_BYTES } from './profile.ts';

/** A link to a part of a file. `tsize` counts the part's bytes and its nodes', as dag-pb writes it into the parent. */
export interface PartLink {
  readonly cid: CID;
  readonly sizeBytes: number;
  readonly tsize: number;
}

export interface EntryLink {
  readonly name: string;
  readonly cid: CID;
  readonly tsize: number;
}

export interface EncodedNode {
  readonly cid: CID;
  readonly bytes: Uint8Array;
  readonly tsize: number;
}

export type FileNode = {
  readonly type: 'file';
  readonly parts: readonly PartLink[];
  readonly sizeBytes: number;
};
export type DirectoryNode = { readonly type: 'directory'; readonly entries: readonly EntryLink[] };

export type NodeRefusal = 'node-invalid' | 'name-invalid';

export function encodeFileNode(parts: readonly PartLink[]): EncodedNode {
  const data = new UnixFS({ type: 'file', blockSizes: parts.map((part) => BigInt(part.sizeBytes)) });
  return encode(
    data,
    parts.map(({ cid, tsize }) => ({ Hash: cid, Name: '', Tsize: tsize })),
  );
}

/** Entries in any order; dag-pb sorts them by the bytes of their names. */
export function encodeDirectoryNode(entries: readonly EntryLink[]): EncodedNode {
  return encode(
    new UnixFS({ type: 'directory' }),
    entries.map(({ cid, name, tsize }) => ({ Hash: cid, Name: name, Tsize: tsize })),
  );
}

function encode(data: UnixFS, links: dagPb.PBLink[]): EncodedNode {
  const bytes = dagPb.encode(dagPb.prepare({ Data: data.marshal(), Links: links }));
  return {
    cid: nodeCid(bytes),
    bytes,
    tsize: links.reduce((sum, link) => sum + (link.Tsize ?? 0), bytes.length),
  };
}

/**
 * Reads a node that must be exactly what the encoders above write for its content, with the total size its parent
 * claims (null for a root). So a directory has one CID and no node can promise more bytes than it has.
 */
export function decodeNode(
  bytes: Uint8Array,
  claimedTsize: number | null,
): Result<FileNode | DirectoryNode, NodeRefusal> {
  let links: readonly dagPb.PBLink[];
  let data: UnixFS;
  try {
    const node = dagPb.decode(bytes);
    links = node.Links;
    data = UnixFS.unmarshal(node.Data ?? new Uint8Array());
  } catch (error) {
    return refuse('node-invalid', messageOf(error));
  }
  for (const link of links)
    if (!isContentCid(link.Hash) || link.Hash.version !== 1 || !isSha256(link.Hash) || !isSize(link.Tsize))
      return refuse('node-invalid', 'a link of another profile');
  const decoded = data.type === 'directory' ? readDirectory(links) : readFile(data, links);
  if (!decoded.ok) return decoded;
  const again =
    decoded.value.type === 'file'
      ? encodeFileNode(decoded.value.parts)
      : encodeDirectoryNode(decoded.value.entries);
  if (!equalBytes(again.bytes, bytes)) return refuse('node-invalid', 'not the encoding the profile gives');
  if (claimedTsize !== null && again.tsize !== claimedTsize)
    return refuse('node-invalid', `${again.tsize} bytes where the parent says ${claimedTsize}`);
  return decoded;
}

function readDirectory(links: readonly dagPb.PBLink[]): Result<DirectoryNode, NodeRefusal> {
  const seen = new Set<string>();
  const entries: EntryLink[] = [];
  for (const { Name: name = '', Hash: cid, Tsize: tsize = 0 } of links) {
    const problem = nameProblem(name);
    if (problem !== null) return refuse('name-invalid', `a name ${problem}`);
    if (seen.has(foldName(name)))
      return refuse('name-invalid', 'two names that some file system takes for one');
    seen.add(foldName(name));
    entries.push({ name, cid, tsize });
  }
  return accept({ type: 'directory', entries });
}

function readFile(data: UnixFS, links: readonly dagPb.PBLink[]): Result<FileNode, NodeRefusal> {
  if (data.type !== 'file' || links.length < 1 || data.blockSizes.length !== links.length)
    return refuse('node-invalid', 'neither a directory nor a file of this profile');
  const sizeBytes = Number(data.fileSize());
  if (!Number.isSafeInteger(sizeBytes)) return refuse('node-invalid', 'more than 2^53 bytes');
  const parts = links.map((link, i) => ({
    cid: link.Hash,
    sizeBytes: Number(data.blockSizes[i]),
    tsize: link.Tsize ?? 0,
  }));
  return accept({ type: 'file', parts, sizeBytes });
}

/** True when a file node has the shape the profile gives to `sizeBytes` at `height` above the leaves. */
export function hasFileShape(node: FileNode, sizeBytes: number, height: number): boolean {
  const sizes = childSizes(sizeBytes, height);
  return (
    node.parts.length === sizes.length &&
    node.parts.every(
      (part, i) =>
        part.sizeBytes === sizes[i] &&
        isLeafCid(part.cid) === (height === 1) &&
        (height > 1 || part.tsize === part.sizeBytes),
    )
  );
}

/** A leaf named by a directory is a whole file, and its claimed total is the file's size. */
export function isLeafSize(tsize: number): boolean {
  return tsize <= LEAF_BYTES;
}

export function isDirectoryNodeSize(bytes: Uint8Array): boolean {
  return bytes.length <= DIRECTORY_NODE_LIMIT_BYTES;
}

function isSha256(cid: CID): boolean {
  return cid.multihash.code === 0x12 && cid.multihash.digest.length === 32;
}

function isSize(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}
