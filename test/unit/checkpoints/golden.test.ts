import { MemoryBlockstore } from 'blockstore-core/memory';
import { importer } from 'ipfs-unixfs-importer';
import { describe, expect, it } from 'vitest';
import { buildFileDag, type FileDag } from '../../../services/checkpoints/unixfs/file-dag.ts';
import { LEAF_BYTES } from '../../../services/checkpoints/unixfs/profile.ts';
import { GOLDEN, GOLDEN_TWO_LEVELS_CID, pattern } from '../../support/checkpoints/golden-tree.ts';
import { collect } from './memory-stream-host.ts';

async function* leavesOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += LEAF_BYTES) yield bytes.subarray(at, at + LEAF_BYTES);
}

const rootOf = (dag: FileDag) => dag.root.cid.toString();

describe('file CIDs of the profile', () => {
  it.each(GOLDEN.map((file) => [file.path, file] as const))('are those of Kubo: %s', async (_, file) => {
    const dag = await buildFileDag(leavesOf(file.content));
    expect(rootOf(dag)).toBe(file.cid);
    expect(dag.sizeBytes).toBe(file.content.length);
  });

  it('are those of Kubo: two levels of nodes', async () => {
    const zeros = new Uint8Array(LEAF_BYTES);
    const dag = await buildFileDag(
      (async function* () {
        for (let i = 0; i < 1024; i++) yield zeros;
        yield zeros.subarray(0, 1);
      })(),
    );
    expect(rootOf(dag)).toBe(GOLDEN_TWO_LEVELS_CID);
    expect(dag.nodes).toHaveLength(3);
  });

  it.each([0, 1, 77, LEAF_BYTES - 1, LEAF_BYTES, 2 * LEAF_BYTES, 5 * LEAF_BYTES + 3])(
    'are those of the IPFS importer: %i bytes',
    async (sizeBytes) => {
      const content = pattern(sizeBytes);
      const [entry] = await collect(
        importer([{ content }], new MemoryBlockstore(), { profile: 'unixfs-v1-2025' }),
      );
      expect(rootOf(await buildFileDag(leavesOf(content)))).toBe(entry?.cid.toString());
    },
  );
});
