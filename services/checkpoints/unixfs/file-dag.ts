import { createHash } from 'node:crypto';
import type { CID } from 'multiformats/cid';
import { toHex } from '../../../protocols/base/bytes.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { contentId, leafCid, leafCidAside } from '../block.ts';
import { type EncodedNode, encodeFileNode, type PartLink } from './nodes.ts';
import { FILE_LINKS, LEAF_BYTES } from './profile.ts';

/** Where the bytes of one leaf lie in a file. */
export interface Leaf {
  readonly cid: ContentId;
  readonly offset: number;
  readonly length: number;
}

export interface FileDag {
  readonly root: PartLink;
  readonly sizeBytes: number;
  /** sha2-256 of the whole file, hexadecimal. */
  readonly sha256: string;
  readonly leaves: readonly Leaf[];
  readonly nodes: readonly EncodedNode[];
}

/** Leaves that are hashed aside while the whole goes on: enough to keep a second core at work. */
const LEAVES_ASIDE = 4;

/** Sees each chunk with its offset, while it is hashed. What it throws ends the pass. */
export type Look = (chunk: Uint8Array, offset: number) => void;

/**
 * Hashes a file given in chunks of exactly 1 MiB but the last. One pass; a chunk may be reused once it was taken. The
 * file's own digest is made here, those of its leaves in the thread pool.
 */
export async function buildFileDag(chunks: AsyncIterable<Uint8Array>, look?: Look): Promise<FileDag> {
  const whole = createHash('sha256');
  const leaves: Leaf[] = [];
  const links: PartLink[] = [];
  const aside: Promise<CID>[] = [];
  let offset = 0;
  const settle = async (pending: Promise<CID>) => {
    const cid = await pending;
    const at = links.length * LEAF_BYTES;
    const length = Math.min(LEAF_BYTES, offset - at);
    leaves.push({ cid: contentId(cid), offset: at, length });
    links.push({ cid, sizeBytes: length, tsize: length });
  };
  for await (const chunk of chunks) {
    if (offset % LEAF_BYTES !== 0) throw new RangeError('a chunk after a short one');
    aside.push(leafCidAside(chunk));
    whole.update(chunk);
    look?.(chunk, offset);
    offset += chunk.length;
    if (aside.length >= LEAVES_ASIDE) await settle(aside.shift() as Promise<CID>);
  }
  for (const pending of aside) await settle(pending);
  if (links.length === 0) {
    const cid = leafCid(new Uint8Array());
    leaves.push({ cid: contentId(cid), offset: 0, length: 0 });
    links.push({ cid, sizeBytes: 0, tsize: 0 });
  }
  const nodes: EncodedNode[] = [];
  const root = layOut(links, nodes);
  return { root, sizeBytes: offset, sha256: toHex(whole.digest()), leaves, nodes };
}

/** The balanced layout: 1024 links to a node, level by level, until one is left. */
function layOut(leaves: readonly PartLink[], nodes: EncodedNode[]): PartLink {
  let level = leaves;
  while (level.length > 1) {
    const next: PartLink[] = [];
    for (let at = 0; at < level.length; at += FILE_LINKS) {
      const parts = level.slice(at, at + FILE_LINKS);
      const node = encodeFileNode(parts);
      nodes.push(node);
      next.push({
        cid: node.cid,
        tsize: node.tsize,
        sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
      });
    }
    level = next;
  }
  return level[0] as PartLink;
}
