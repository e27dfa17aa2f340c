import type { ContentId } from '../../../protocols/base/ids.ts';
import { DIRECTORY_FILES_LIMIT } from '../../../protocols/base/limits.ts';
import { contentId, isLeafCid } from '../block.ts';
import { ContentRefused } from '../fetch/outline.ts';
import { decodeNode, type FileNode, hasFileShape } from '../unixfs/nodes.ts';
import { childSizes, DIRECTORY_DEPTH_LIMIT, fileHeight, LEAF_BYTES } from '../unixfs/profile.ts';

/** Gives one node, its hash checked. */
export type NodeReader = (cid: ContentId) => Promise<Uint8Array>;

interface NumberedFile {
  readonly cid: ContentId;
  /** Number of its first leaf. */
  readonly first: number;
  /** Null for a file that is one leaf. */
  readonly sizeBytes: number | null;
}

/**
 * The leaves of a directory by number, found from the root down without holding the whole outline: of each file its size
 * alone is read, and of those whose leaves are wanted the nodes on the way. spec 19-pins §2.3
 */
export class NumberedLeaves {
  readonly #read: NodeReader;
  readonly #files: NumberedFile[] = [];
  #count = 0;
  #entries = 0;

  private constructor(read: NodeReader) {
    this.#read = read;
  }

  /** @throws ContentRefused for what is no directory of the profile; what `read` throws */
  static async of(root: ContentId, read: NodeReader): Promise<NumberedLeaves> {
    const leaves = new NumberedLeaves(read);
    await leaves.#walk(root, null, 0);
    if (leaves.count === 0) throw new ContentRefused('node-invalid', 'a directory without a file');
    return leaves;
  }

  /** At least 1. */
  get count(): number {
    return this.#count;
  }

  async #walk(cid: ContentId, claimedTsize: number | null, depth: number): Promise<void> {
    const node = await this.#node(cid, claimedTsize);
    if (node.type === 'file') {
      if (depth === 0) throw new ContentRefused('not-a-directory', `${cid} is a file`);
      if (node.sizeBytes <= LEAF_BYTES) throw new ContentRefused('node-invalid', 'a node above one leaf');
      this.#add({ cid, first: this.#count, sizeBytes: node.sizeBytes });
      return;
    }
    if (depth > DIRECTORY_DEPTH_LIMIT) throw new ContentRefused('too-deep', 'folders are nested too deep');
    for (const entry of node.entries) {
      if (++this.#entries > DIRECTORY_FILES_LIMIT)
        throw new ContentRefused('too-many-files', `more than ${DIRECTORY_FILES_LIMIT} files and folders`);
      const child = contentId(entry.cid);
      if (isLeafCid(entry.cid)) this.#add({ cid: child, first: this.#count, sizeBytes: null });
      else await this.#walk(child, entry.tsize, depth + 1);
    }
  }

  #add(file: NumberedFile): void {
    this.#files.push(file);
    this.#count += file.sizeBytes === null ? 1 : Math.ceil(file.sizeBytes / LEAF_BYTES);
  }

  /** @param number below `count` @throws as `of` */
  async at(number: number): Promise<ContentId> {
    const file = this.#files.findLast(({ first }) => first <= number);
    if (file === undefined || number >= this.#count) throw new RangeError(`no leaf ${number}`);
    if (file.sizeBytes === null) return file.cid;
    let { cid, sizeBytes } = file;
    let offset = (number - file.first) * LEAF_BYTES;
    for (let height = fileHeight(sizeBytes); height > 0; height--) {
      const node = await this.#fileNode(cid, sizeBytes, height);
      const at = Math.floor(offset / (childSizes(sizeBytes, height)[0] as number));
      const part = node.parts[at] as FileNode['parts'][number];
      offset -= at * (node.parts[0] as FileNode['parts'][number]).sizeBytes;
      cid = contentId(part.cid);
      sizeBytes = part.sizeBytes;
    }
    return cid;
  }

  async #fileNode(cid: ContentId, sizeBytes: number, height: number): Promise<FileNode> {
    const node = await this.#node(cid, null);
    if (node.type !== 'file' || !hasFileShape(node, sizeBytes, height))
      throw new ContentRefused('node-invalid', 'a file cut differently from the profile');
    return node;
  }

  async #node(cid: ContentId, claimedTsize: number | null) {
    const node = decodeNode(await this.#read(cid), claimedTsize);
    if (!node.ok) throw new ContentRefused(node.reason, node.detail);
    return node.value;
  }
}
