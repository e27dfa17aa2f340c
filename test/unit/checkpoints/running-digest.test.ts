import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { contentId, leafCid } from '../../../services/checkpoints/block.ts';
import { RunningDigest } from '../../../services/checkpoints/embedded/running-digest.ts';
import { pattern } from '../../support/checkpoints/golden-tree.ts';
import { pickBelow, randomFrom, shuffled, testSeed } from '../../support/seed.ts';

const SIZE = 64;
const LEAVES = 40;
const file = pattern(SIZE * LEAVES - 7);
const leaves = Array.from({ length: LEAVES }, (_, i) => {
  const bytes = file.subarray(i * SIZE, (i + 1) * SIZE);
  return { cid: contentId(leafCid(bytes)), offset: i * SIZE, length: bytes.length };
});
const digest = () =>
  new RunningDigest(leaves, async ({ offset, length }, into) => {
    await new Promise(setImmediate); // others write meanwhile
    return into.fill(file.subarray(offset, offset + length), 0, length).subarray(0, length);
  });

it('is the sha256 of the file, in whatever order its leaves are written', async () => {
  const random = randomFrom(testSeed());
  for (let run = 0; run < 100; run++) {
    const running = digest();
    const lanes = Array.from({ length: 1 + pickBelow(random, 5) }, () => [] as typeof leaves);
    for (const leaf of run === 0 ? leaves : shuffled(leaves, random))
      lanes[pickBelow(random, lanes.length)]?.push(leaf);
    await Promise.all(
      lanes.map(async (lane) => {
        for (const leaf of lane) {
          const bytes = file.slice(leaf.offset, leaf.offset + leaf.length);
          await running.written(leaf, pickBelow(random, 3) === 0 ? null : bytes);
          bytes.fill(0); // good only until the next block comes
        }
      }),
    );
    expect(running.end()).toBe(createHash('sha256').update(file).digest('hex'));
  }
});

it('has no end before the last leaf is written', async () => {
  const running = digest();
  for (const leaf of leaves.toSpliced(17, 1)) await running.written(leaf, null);
  expect(() => running.end()).toThrow(RangeError);
});
