import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ContentId } from '../../protocols/base/ids.ts';
import { BlockIndex } from '../../services/checkpoints/embedded/block-index.ts';
import {
  type BlockSource,
  collectGarbage,
  EmbeddedStore,
  fetchDirectory,
  openCar,
} from '../../services/checkpoints/index.ts';
import { freshFolder } from '../support/checkpoints/folders.ts';
import { pattern } from '../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../support/checkpoints/store-source.ts';
import { hasAllRuns, runsOf } from '../support/runs.ts';
import { pickBelow, randomFrom, testSeed } from '../support/seed.ts';

const RUNS = runsOf(5);
const STEPS = 30;
const MIB = 1_048_576;
const seed = testSeed();
const started = () => ({ signal: new AbortController().signal });

/** Six checkpoints that share files, folders and nodes of files in many ways. */
async function publishAll(): Promise<{
  readonly origin: EmbeddedStore;
  readonly cids: readonly ContentId[];
}> {
  const origin = await EmbeddedStore.open(await freshFolder());
  const shared = { 'weights/a.bin': MIB + 5, 'weights/b.bin': 3, 'config.json': 20 };
  const trees: Record<string, number>[] = [
    shared,
    { ...shared, 'own.txt': 7 },
    { 'weights/a.bin': MIB + 5, 'weights/b.bin': 3 },
    { 'deeper/weights/a.bin': MIB + 5, 'deeper/weights/b.bin': 3, 'other.txt': 9 },
    { 'copy.bin': MIB + 5, 'copy-2.bin': MIB + 5, 'zero.bin': 0 },
    { 'alone.bin': 2 * MIB + 1 },
  ];
  const cids: ContentId[] = [];
  for (const tree of trees) {
    const folder = await freshFolder();
    for (const [path, size] of Object.entries(tree)) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), pattern(size));
    }
    cids.push((await origin.add(folder, started())).cid);
  }
  return { origin, cids };
}

/** Gives so many blocks; then it says so, and gives nothing more until it is let go on. */
class Gate implements BlockSource {
  readonly name = 'gate';
  readonly #source: BlockSource;
  readonly #open: Promise<void>;
  readonly #onShut: () => void;
  #free: number;

  constructor(source: BlockSource, open: Promise<void>, free: number, onShut = () => {}) {
    this.#source = source;
    this.#open = open;
    this.#onShut = onShut;
    this.#free = free;
  }

  has(...args: Parameters<BlockSource['has']>) {
    return this.#source.has(...args);
  }

  async *blocks(...args: Parameters<BlockSource['blocks']>) {
    for await (const block of this.#source.blocks(...args)) {
      if (this.#free-- <= 0) {
        this.#onShut();
        await this.#open;
      }
      yield block;
    }
  }
}

/** Every block, each hashed as it is read. */
async function isWhole(store: EmbeddedStore, cid: ContentId): Promise<boolean> {
  if (!(await store.has(cid))) return false;
  await store.verify(cid, started());
  const car = await openCar(store, { cid, path: [], scope: 'all', bytes: null, dups: true });
  for await (const _ of car ?? []);
  return car !== null;
}

/** What a kill leaves between two steps of a removal. */
async function killInRemoval(folder: string, cid: ContentId, random: () => number): Promise<void> {
  using index = new BlockIndex(join(folder, 'index.sqlite'));
  index.remove(cid);
  const whole = join(folder, 'files', cid);
  const [first] = await readdir(whole).catch(() => []);
  if (first !== undefined && random() < 0.5) await rm(join(whole, first), { recursive: true });
}

it(`garbage collection leaves what is kept whole: ${RUNS} runs of ${STEPS} steps`, {
  timeout: 300_000,
}, async () => {
  const { origin, cids } = await publishAll();
  await using _origin = origin;
  const source = new StoreSource('origin', origin);
  const seen = { removed: 0, partial: 0, cut: 0, killed: 0 };
  // on until all of it has happened, which mostly takes fewer runs than are promised
  const isDone = (run: number) => run >= RUNS && !(hasAllRuns && Object.values(seen).includes(0));
  for (let run = 0; !isDone(run); run++) {
    const random = randomFrom(seed + run);
    const any = () => cids[pickBelow(random, cids.length)] as ContentId;
    const folder = await freshFolder();
    let store = await EmbeddedStore.open(folder);
    const kept = new Set<ContentId>();
    const fetch = (cid: ContentId, from: BlockSource, signal: AbortSignal) =>
      fetchDirectory(store, [from], cid, { signal, limits: { bytes: 1e9 } });
    const collect = (dryRun: boolean) =>
      collectGarbage(store, { ...started(), dryRun, isKept: (cid) => kept.has(cid) });

    for (let step = 0; step < STEPS; step++) {
      const where = `run ${seed + run}, step ${step}`;
      const cid = any();
      switch (pickBelow(random, 8)) {
        case 0:
        case 1:
          expect((await fetch(cid, source, started().signal)).ok, where).toBe(true);
          if (random() < 0.5) kept.add(cid);
          break;
        case 2: {
          const stop = new AbortController();
          const never = new Promise<void>(() => undefined);
          const gate = new Gate(source, never, pickBelow(random, 4), () => stop.abort());
          seen.cut += (await fetch(cid, gate, stop.signal).catch(() => null)) === null ? 1 : 0;
          break;
        }
        case 3:
          kept.delete(cid);
          break;
        case 4: {
          const before = await Promise.all(cids.map((each) => store.has(each)));
          const told = await collect(true);
          expect(await Promise.all(cids.map((each) => store.has(each))), where).toEqual(before);
          expect(await collect(false), where).toEqual(told);
          expect(await collect(true), where).toEqual([]);
          for (const { state } of told) seen[state === 'whole' ? 'removed' : 'partial']++;
          break;
        }
        case 5: {
          // what is being fetched is not collected, and ends well; what is here already whoever uses it must keep
          if (await store.has(cid)) kept.add(cid);
          const { promise, resolve } = Promise.withResolvers<void>();
          const fetching = fetch(cid, new Gate(source, promise, pickBelow(random, 4)), started().signal);
          await collect(false);
          resolve();
          expect((await fetching).ok, where).toBe(true);
          kept.add(cid);
          break;
        }
        case 6:
          if (kept.has(cid)) break;
          await store[Symbol.asyncDispose]();
          await killInRemoval(folder, cid, random);
          store = await EmbeddedStore.open(folder);
          seen.killed++;
          break;
        case 7:
          await store[Symbol.asyncDispose]();
          store = await EmbeddedStore.open(folder);
          break;
      }
      for (const each of kept) expect(await isWhole(store, each), `${where}: ${each}`).toBe(true);
    }
    kept.clear();
    await collect(false);
    // nothing is left behind for anybody to find
    for (const name of ['files', 'incoming']) expect(await readdir(join(folder, name))).toEqual([]);
    await store[Symbol.asyncDispose]();
    using index = new BlockIndex(join(folder, 'index.sqlite'));
    expect([index.checkpoints(), index.unfinished()]).toEqual([[], []]);
  }
});
