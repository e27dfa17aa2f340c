import { CID } from 'multiformats/cid';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { isLeafCid } from '../block.ts';
import type { Checkpoint, CheckpointStore, Incoming, MissingLeaf, Progress } from '../store.ts';
import type { BlockSource } from './block-source.ts';
import { ContentRefused, type FetchRefusal, Outline } from './outline.ts';
import { Swarm, type SwarmOptions } from './swarm.ts';

export interface FetchOptions extends SwarmOptions {
  readonly signal: AbortSignal;
  /** Files and nodes together; checked before any leaf is asked for. */
  readonly limits: { readonly bytes: number };
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Brings a directory into the store from any of the sources, verified block by block from its CID down. A second call,
 * also after a crash, asks only for what is missing.
 * @throws OversightError `blob-not-found`, `disk-full`, `cancelled`
 */
export async function fetchDirectory(
  store: CheckpointStore,
  sources: readonly BlockSource[],
  cid: ContentId,
  options: FetchOptions,
): Promise<Result<Checkpoint, FetchRefusal>> {
  if (isLeafCid(CID.parse(cid))) return refuse('not-a-directory', `${cid} is a file`);
  await using incoming = await store.receive(cid, options);
  if (incoming === null) return accept((await store.stat(cid)) as Checkpoint);
  const swarm = new Swarm(sources, options);
  try {
    const outline = await new Outline(incoming, options.limits.bytes).read(cid, swarm, options);
    for (const source of sources) source.learn?.(outline);
    const missing = await incoming.prepare(outline, options);
    await fetchLeaves(incoming, swarm, missing, outline.sizeBytes, options);
    return accept(await incoming.finish(options));
  } catch (error) {
    if (error instanceof ContentRefused) return refuse(error.reason, error.message);
    throw error;
  }
}

async function fetchLeaves(
  incoming: Incoming,
  swarm: Swarm,
  missing: readonly MissingLeaf[],
  bytesTotal: number,
  options: FetchOptions,
): Promise<void> {
  const wanted = Map.groupBy(missing, (leaf) => leaf.cid);
  let bytesDone = bytesTotal - missing.reduce((sum, leaf) => sum + leaf.length, 0);
  options.onProgress?.({ bytesDone, bytesTotal });
  await swarm.fetch(
    wanted.keys(),
    async (block) => {
      for (const leaf of wanted.get(block.cid) ?? []) {
        if (block.bytes.length !== leaf.length)
          throw new ContentRefused(
            'node-invalid',
            `a leaf of ${block.bytes.length} bytes, not ${leaf.length}`,
          );
        await incoming.writeLeaf(leaf, block);
        bytesDone += leaf.length;
      }
      options.onProgress?.({ bytesDone, bytesTotal });
    },
    options,
  );
}
