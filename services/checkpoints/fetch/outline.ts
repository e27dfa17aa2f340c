import type { CID } from 'multiformats/cid';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { DIRECTORY_FILES_LIMIT } from '../../../protocols/base/limits.ts';
import { contentId, isLeafCid, leafCid } from '../block.ts';
import type { Incoming, IncomingFile, Layout } from '../store.ts';
import type { Leaf } from '../unixfs/file-dag.ts';
import {
  type DirectoryNode,
  decodeNode,
  type FileNode,
  hasFileShape,
  isDirectoryNodeSize,
  isLeafSize,
  type NodeRefusal,
} from '../unixfs/nodes.ts';
import { DIRECTORY_DEPTH_LIMIT, fileHeight, LEAF_BYTES } from '../unixfs/profile.ts';
import type { Swarm } from './swarm.ts';

/** Why content that hashes to its CID is still not a checkpoint we take. */
export type FetchRefusal = NodeRefusal | 'not-a-directory' | 'too-many-files' | 'too-deep' | 'too-large';

/** Carries a refusal out of the callbacks of a fetch; `fetchDirectory` turns it into its result. */
export class ContentRefused extends Error {
  readonly reason: FetchRefusal;

  constructor(reason: FetchRefusal, detail: string) {
    super(detail);
    this.name = 'ContentRefused';
    this.reason = reason;
  }
}

/** A node to read, and what its parent says of it. */
type Wanted = { readonly cid: ContentId; readonly tsize: number | null } & (
  | { readonly role: 'entry'; readonly path: string; readonly depth: number }
  | {
      readonly role: 'part';
      readonly leaves: Leaf[];
      readonly offset: number;
      readonly sizeBytes: number;
      readonly height: number;
    }
);

export interface Outlined extends Layout {
  readonly sizeBytes: number;
}

/** Reads the nodes of a directory from its CID down, level by level, and keeps where each leaf goes. */
export class Outline {
  readonly #incoming: Incoming;
  readonly #limitBytes: number;
  readonly #folders: string[] = [];
  readonly #files: IncomingFile[] = [];
  #entries = 0;
  #bytes = 0;

  constructor(incoming: Incoming, limitBytes: number) {
    this.#incoming = incoming;
    this.#limitBytes = limitBytes;
  }

  /** @throws ContentRefused; what the swarm throws. */
  async read(root: ContentId, swarm: Swarm, options: { readonly signal: AbortSignal }): Promise<Outlined> {
    let level: Wanted[] = [{ cid: root, tsize: null, role: 'entry', path: '', depth: 0 }];
    while (level.length > 0) {
      const next: Wanted[] = [];
      const missing = new Map<ContentId, Wanted[]>();
      for (const [cid, uses] of Map.groupBy(level, (wanted) => wanted.cid)) {
        const bytes = this.#incoming.node(cid);
        if (bytes === null) missing.set(cid, uses);
        else for (const use of uses) next.push(...this.#readNode(use, bytes));
      }
      await swarm.fetch(
        missing.keys(),
        async (block) => {
          for (const use of missing.get(block.cid) ?? []) next.push(...this.#readNode(use, block.bytes));
          this.#incoming.putNode(block);
        },
        options,
      );
      level = next;
    }
    const sizeBytes = this.#files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const byPath = (a: IncomingFile, b: IncomingFile) => (a.path < b.path ? -1 : 1);
    return { folders: this.#folders, files: this.#files.sort(byPath), sizeBytes };
  }

  #readNode(wanted: Wanted, bytes: Uint8Array): Wanted[] {
    this.#spend(bytes.length);
    if (!isDirectoryNodeSize(bytes))
      throw new ContentRefused('node-invalid', `a node of ${bytes.length} bytes`);
    const node = decodeNode(bytes, wanted.tsize);
    if (!node.ok) throw new ContentRefused(node.reason, node.detail);
    if (wanted.role === 'part') {
      if (node.value.type !== 'file')
        throw new ContentRefused('node-invalid', 'a directory as a part of a file');
      return expand(node.value, wanted);
    }
    return node.value.type === 'directory'
      ? this.#readFolder(node.value, wanted.path, wanted.depth)
      : this.#readFile(node.value, wanted.path, wanted.cid);
  }

  #readFolder(node: DirectoryNode, path: string, depth: number): Wanted[] {
    if (depth > DIRECTORY_DEPTH_LIMIT) throw new ContentRefused('too-deep', 'folders are nested too deep');
    if (path !== '') this.#folders.push(path);
    const next: Wanted[] = [];
    for (const entry of node.entries) {
      if (++this.#entries > DIRECTORY_FILES_LIMIT)
        throw new ContentRefused('too-many-files', `more than ${DIRECTORY_FILES_LIMIT} files and folders`);
      const childPath = path === '' ? entry.name : `${path}/${entry.name}`;
      if (isLeafCid(entry.cid)) this.#addSmallFile(childPath, entry.cid, entry.tsize);
      else
        next.push({
          cid: contentId(entry.cid),
          tsize: entry.tsize,
          role: 'entry',
          path: childPath,
          depth: depth + 1,
        });
    }
    return next;
  }

  #addSmallFile(path: string, cid: CID, sizeBytes: number): void {
    if (!isLeafSize(sizeBytes) || (sizeBytes === 0 && !cid.equals(leafCid(new Uint8Array()))))
      throw new ContentRefused('node-invalid', 'a leaf of a size it cannot have');
    this.#spend(sizeBytes);
    const id = contentId(cid);
    this.#files.push({ path, cid: id, sizeBytes, leaves: [{ cid: id, offset: 0, length: sizeBytes }] });
  }

  #readFile(node: FileNode, path: string, cid: ContentId): Wanted[] {
    if (path === '') throw new ContentRefused('not-a-directory', `${cid} is a file`);
    const { sizeBytes } = node;
    if (sizeBytes <= LEAF_BYTES) throw new ContentRefused('node-invalid', 'a node above a single leaf');
    this.#spend(sizeBytes); // before anything is allocated for it
    const leaves: Leaf[] = [];
    this.#files.push({ path, cid, sizeBytes, leaves });
    return expand(node, { leaves, offset: 0, sizeBytes, height: fileHeight(sizeBytes) });
  }

  #spend(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limitBytes)
      throw new ContentRefused('too-large', `more than the ${this.#limitBytes} bytes that are allowed`);
  }
}

/** The parts below a file node: leaves into their place in the file, nodes to be read. */
function expand(
  node: FileNode,
  at: {
    readonly leaves: Leaf[];
    readonly offset: number;
    readonly sizeBytes: number;
    readonly height: number;
  },
): Wanted[] {
  if (!hasFileShape(node, at.sizeBytes, at.height))
    throw new ContentRefused('node-invalid', 'a file cut differently from the profile');
  const next: Wanted[] = [];
  let offset = at.offset;
  for (const part of node.parts) {
    const cid = contentId(part.cid);
    const { sizeBytes, tsize } = part;
    if (at.height === 1) at.leaves[offset / LEAF_BYTES] = { cid, offset, length: sizeBytes };
    else next.push({ cid, tsize, role: 'part', leaves: at.leaves, offset, sizeBytes, height: at.height - 1 });
    offset += sizeBytes;
  }
  return next;
}
