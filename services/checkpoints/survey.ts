import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentId } from '../../protocols/base/ids.ts';
import { contentId } from './block.ts';
import { type Folder, listDirectory, readLeaves } from './directory.ts';
import { directoryInvalid, throwIfCancelled } from './failures.ts';
import type { AddOptions, CheckpointFile, Seal } from './store.ts';
import { buildFileDag, type FileDag, type Leaf } from './unixfs/file-dag.ts';
import {
  type EncodedNode,
  type EntryLink,
  encodeDirectoryNode,
  isDirectoryNodeSize,
} from './unixfs/nodes.ts';
import { LEAF_BYTES } from './unixfs/profile.ts';

export interface SurveyedFile extends CheckpointFile {
  readonly leaves: readonly Leaf[];
}

/** A directory, named. Files stand in the order of their paths. */
export interface Survey {
  readonly cid: ContentId;
  readonly absolute: string;
  readonly sizeBytes: number;
  readonly files: readonly SurveyedFile[];
  readonly nodes: readonly EncodedNode[];
}

/**
 * Every digest of a directory from one read of its bytes: the sha256 and CID of each file, its leaves, the CID of the
 * whole. Memory does not grow with the files, but for 100 bytes a MiB. With a seal the directory gets one more file.
 * @throws OversightError `checkpoint-invalid`, `cancelled`
 */
export async function surveyDirectory(directory: string, options: AddOptions): Promise<Survey> {
  const { seal } = options;
  const { absolute, tree, sizeBytes: bytesTotal } = await listDirectory(directory, options);
  const files: SurveyedFile[] = [];
  const nodes: EncodedNode[] = [];
  let bytesDone = 0;

  const enter = (path: string, dag: FileDag) => {
    const { sizeBytes, sha256, leaves, root } = dag;
    nodes.push(...dag.nodes);
    return { file: { path, sizeBytes, sha256, cid: contentId(root.cid), leaves }, link: root };
  };

  const surveyFile = async (path: string, sizeBytes: number) => {
    const look = options.look?.(path) ?? null;
    const dag = await buildFileDag(readLeaves(join(absolute, path), sizeBytes, options), (chunk, offset) => {
      look?.(chunk, offset);
      bytesDone += chunk.length;
      options.onProgress?.({ bytesDone, bytesTotal });
    });
    const { file, link } = enter(path, dag);
    files.push(file);
    return link;
  };

  const surveyFolder = async (folder: Folder, links: EntryLink[]): Promise<EncodedNode> => {
    for (const entry of folder.entries) {
      if (entry.path === seal?.name) continue;
      if (entry.type === 'folder') links.push({ name: entry.name, ...(await surveyFolder(entry, [])) });
      else {
        const { cid, tsize } = await surveyFile(entry.path, entry.sizeBytes);
        links.push({ name: entry.name, cid, tsize });
      }
    }
    if (folder === tree && seal !== undefined) {
      throwIfCancelled(options.signal);
      const { file, link } = enter(seal.name, await writeSeal(absolute, seal, files));
      const after = files.findIndex(({ path }) => (path.split('/')[0] ?? '') > seal.name);
      files.splice(after < 0 ? files.length : after, 0, file);
      links.push({ name: seal.name, cid: link.cid, tsize: link.tsize });
    }
    const node = encodeDirectoryNode(links);
    if (!isDirectoryNodeSize(node.bytes))
      throw directoryInvalid('too-many-files', `${folder.path} has more entries than one folder can hold`);
    nodes.push(node);
    return node;
  };

  const cid = contentId((await surveyFolder(tree, [])).cid);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { cid, absolute, sizeBytes, files, nodes };
}

/** Written beside its place and renamed into it: whoever reads the directory sees the old seal or the new one. */
async function writeSeal(
  absolute: string,
  { name, make }: Seal,
  files: readonly SurveyedFile[],
): Promise<FileDag> {
  const bytes = make(files.map(({ leaves: _, ...file }) => file));
  const path = join(absolute, name);
  const beside = join(absolute, `.${name}.${process.pid}`); // what starts with a dot is never published
  try {
    await using file = await open(beside, 'w', 0o644);
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await rename(beside, path);
  return buildFileDag(inChunks(bytes));
}

async function* inChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += LEAF_BYTES) yield bytes.subarray(at, at + LEAF_BYTES);
}
