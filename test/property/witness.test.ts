import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { equalBytes, utf8 } from '../../protocols/base/bytes.ts';
import {
  checkpointNote,
  formatWitnessRequest,
  leafHash,
  MerkleTree,
  signHead,
} from '../../protocols/feed/index.ts';
import { WitnessFile } from '../../services/ledger/index.ts';
import { Witness } from '../../services/witness/index.ts';
import { signerOf } from '../support/federation.ts';
import { freshFolder } from '../support/fresh-folder.ts';
import { runsOf } from '../support/runs.ts';
import { testSeed } from '../support/seed.ts';
import { FEDERATION } from '../support/witnessed-feed.ts';

const BRANCHES = 3;
const SIZE = 12;
const lab = signerOf('example-lab');

/** Branches of one feed: each has the first `shared` entries of the first one, then its own. */
function branches(shared: number): MerkleTree[] {
  return Array.from({ length: BRANCHES }, (_, branch) => {
    const tree = new MerkleTree();
    for (let i = 0; i < SIZE; i++) tree.append(leafHash(utf8(`${i < shared ? 0 : branch} ${i}`)));
    return tree;
  });
}

const count = fc.nat(SIZE);
const request = fc.record({
  branch: fc.nat(BRANCHES - 1),
  size: count,
  /** What the author says the witness has seen; null: the truth. */
  old: fc.option(count, { freq: 1 }),
  /** From which size the proof is; null: the one it should be. */
  proofFrom: fc.option(count, { freq: 1 }),
  /** The witness is killed and started again first. */
  restarts: fc.boolean(),
});

it('a witness cosigns one history that never shrinks, whatever it is asked and however often it restarts', async () => {
  const folder = await freshFolder();
  let runs = 0;
  fc.assert(
    fc.property(count, fc.array(request, { maxLength: 40 }), (shared, requests) => {
      runs += 1;
      const path = join(folder, `${runs}.sqlite`);
      const trees = branches(shared);
      const files: WitnessFile[] = [];
      const open = () => {
        const file = new WitnessFile(path);
        files.push(file);
        return new Witness({
          federation: FEDERATION,
          signer: signerOf('example-regulator'),
          memory: file,
          clock: { now: () => 1_790_000_000_000 },
          knows: () => true,
          onCosigned: () => {},
          onConflict: () => {},
        });
      };
      let witness = open();
      const cosigned: { readonly size: number; readonly root: Uint8Array }[] = [];
      for (const { branch, size, old, proofFrom, restarts } of requests) {
        if (restarts) witness = open();
        const tree = trees[branch] as MerkleTree;
        const said = old ?? cosigned.at(-1)?.size ?? 0;
        const from = Math.min(proofFrom ?? said, size);
        const head = signHead(FEDERATION, { size, root: tree.root(size) }, lab);
        const proof = tree.consistencyProof(from, size);
        const body = formatWitnessRequest(said, proof, checkpointNote(head, FEDERATION));
        const { status } = witness.addCheckpoint(utf8(body));
        expect([200, 400, 409, 422]).toContain(status);
        if (status === 200) cosigned.push(head);
      }
      for (const file of files) file[Symbol.dispose]();
      const sizes = cosigned.map((head) => head.size);
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
      const isOf = (tree: MerkleTree) =>
        cosigned.every(({ size, root }) => equalBytes(tree.root(size), root));
      expect(trees.some(isOf)).toBe(true);
    }),
    { seed: testSeed(), numRuns: runsOf(100) },
  );
});
