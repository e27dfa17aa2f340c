import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { drawLeaves } from '../../../protocols/pins/index.ts';
import { NumberedLeaves } from '../../../services/checkpoints/challenge/numbered-leaves.ts';
import {
  BlobServer,
  type BlockSource,
  challenge,
  EmbeddedStore,
  PeerSource,
  SourceError,
} from '../../../services/checkpoints/index.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { pattern } from '../../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';
import { MemoryNetwork } from './memory-stream-host.ts';

const MIB = 1_048_576;
const signal = () => new AbortController().signal;
const SEED = new Uint8Array(32).fill(7);

/** In the order of a walk: files of one leaf, of several, in folders before and after them, and an empty one. */
const FILES = {
  'a/x.bin': 3 * MIB + 1,
  'b.bin': 2 * MIB,
  'b/inner/one.txt': 5,
  'b/none': 0,
  'c.bin': MIB,
  'd.bin': 5 * MIB + 17,
} as const;

async function keeper(files: Readonly<Record<string, number>> = FILES) {
  const folder = await freshFolder();
  for (const [path, size] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), pattern(size));
  }
  const store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await store.add(folder, { signal: signal() });
  return { store, cid, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

const ask = (source: BlockSource, cid: ContentId, changes = {}) =>
  challenge(source, cid, { signal: signal(), seed: SEED, sample: 4, ...changes });

/** A keeper whose answer to a leaf is this. */
function failing(store: EmbeddedStore, fail: (waiting: AbortSignal) => Promise<never>): BlockSource {
  const source = new StoreSource('keeper', store);
  return {
    name: 'keeper',
    has: () => Promise.resolve([]),
    async *blocks(cids, options) {
      if (cids[0]?.startsWith('bafkrei')) await fail(options.signal);
      yield* source.blocks(cids);
    },
  };
}

describe('leaves by number', () => {
  it('are those of a walk from the root', async () => {
    await using kept = await keeper();
    const leaves = await NumberedLeaves.of(
      kept.cid,
      async (cid) => (await kept.store.block(cid)) as Uint8Array,
    );
    const found: number[] = [];
    for (let number = 0; number < leaves.count; number++)
      found.push(((await kept.store.block(await leaves.at(number))) as Uint8Array).length);
    expect(found).toEqual([MIB, MIB, MIB, 1, 5, 0, MIB, MIB, MIB, ...Array(5).fill(MIB), 17]);
    await expect(leaves.at(leaves.count)).rejects.toThrow(RangeError);
  });
});

describe('a challenge', () => {
  it('is met by a keeper of every block, asked for no leaf but those drawn', async () => {
    await using kept = await keeper();
    const source = new StoreSource('keeper', kept.store);
    const met = await ask(source, kept.cid);
    expect(met).toEqual({ ok: true, value: { leaves: 15, asked: 4, answered: 4, fault: null } });
    const leaves = await NumberedLeaves.of(
      kept.cid,
      async (cid) => (await kept.store.block(cid)) as Uint8Array,
    );
    const drawn = await Promise.all(drawLeaves(SEED, 15, 4).map((number) => leaves.at(number)));
    expect(source.given.filter((cid) => cid.startsWith('bafkrei'))).toEqual(drawn);
  });

  it('asks for all leaves where there are fewer', async () => {
    await using kept = await keeper();
    const met = await ask(new StoreSource('keeper', kept.store), kept.cid, { sample: 100 });
    expect(met).toMatchObject({ value: { leaves: 15, asked: 15, answered: 15 } });
  });

  it('is met over the blob protocol', async () => {
    await using kept = await keeper();
    const network = new MemoryNetwork();
    await using _server = await BlobServer.start(network.host('keeper'), kept.store);
    const met = await ask(new PeerSource(network.host('asker'), 'keeper'), kept.cid, { sample: 15 });
    expect(met).toMatchObject({ value: { answered: 15, fault: null } });
  });

  it('finds a keeper that lacks a block', async () => {
    await using kept = await keeper();
    const lacks = (cid: ContentId) => cid.startsWith('bafkrei');
    const met = await ask(new StoreSource('keeper', kept.store, lacks), kept.cid);
    expect(met).toEqual({ ok: true, value: { leaves: 15, asked: 4, answered: 0, fault: 'absent' } });
  });

  it('finds one that lacks the root, of which then nothing is known', async () => {
    await using kept = await keeper();
    const met = await ask(new StoreSource('keeper', kept.store, () => true), kept.cid);
    expect(met).toEqual({ ok: true, value: { leaves: null, asked: 4, answered: 0, fault: 'absent' } });
  });

  it.each([
    ['block-wrong', 'wrong'],
    ['answer-invalid', 'wrong'],
    ['closed', 'unreachable'],
    ['stalled', 'late'],
  ] as const)('tells %s as %s', async (code, fault) => {
    await using kept = await keeper();
    const source = failing(kept.store, () => Promise.reject(new SourceError(code, 'as asked')));
    expect(await ask(source, kept.cid)).toMatchObject({ value: { answered: 0, fault } });
  });

  it('gives up one that does not answer', async () => {
    await using kept = await keeper();
    const source = failing(
      kept.store,
      (waiting) =>
        new Promise((_, reject) => waiting.addEventListener('abort', () => reject(waiting.reason))),
    );
    expect(await ask(source, kept.cid, { deadlineMs: 50 })).toMatchObject({ value: { fault: 'late' } });
  });

  it('asks one that is busy again', async () => {
    await using kept = await keeper({ 'one.bin': 9 });
    let busy = 2;
    const inner = new StoreSource('keeper', kept.store);
    const source: BlockSource = {
      name: 'keeper',
      has: () => Promise.resolve([]),
      async *blocks(cids) {
        if (busy-- > 0) throw new SourceError('busy', 'later');
        yield* inner.blocks(cids);
      },
    };
    expect(await ask(source, kept.cid)).toMatchObject({ value: { answered: 1, fault: null } });
  });

  it('ends with its caller', async () => {
    await using kept = await keeper();
    const stop = AbortSignal.abort();
    await expect(
      ask(new StoreSource('keeper', kept.store), kept.cid, { signal: stop }),
    ).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('blames no keeper for content that is no checkpoint', async () => {
    await using kept = await keeper({ 'big.bin': 2 * MIB });
    const [file] = (await kept.store.stat(kept.cid))?.files ?? [];
    const met = await ask(new StoreSource('keeper', kept.store), file?.cid as ContentId);
    expect(met).toMatchObject({ ok: false, reason: 'not-a-directory' });
  });

  it('finds a missing tenth in 95 of 100 by thirty leaves, a hundredth by three hundred', () => {
    // spec 19-pins §2.8
    const found = (missing: number, leaves: number, asked: number) => {
      let times = 0;
      for (let i = 0; i < 1_000; i++) {
        const seed = new Uint8Array(32);
        new DataView(seed.buffer).setUint32(0, i);
        if (drawLeaves(seed, leaves, asked).some((number) => number < missing)) times++;
      }
      return times / 1_000;
    };
    expect(found(400, 4_000, 30)).toBeGreaterThan(0.94);
    expect(found(40, 4_000, 300)).toBeGreaterThan(0.93);
  });
});
