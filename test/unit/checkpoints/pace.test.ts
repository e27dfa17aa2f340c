import { expect, it } from 'vitest';
import { EmbeddedStore, fetchDirectory, Pace } from '../../../services/checkpoints/index.ts';
import type { PaceClock } from '../../../services/checkpoints/pace.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { writeGoldenTree } from '../../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';

const MIB = 1_048_576;
const started = () => ({ signal: new AbortController().signal });

/** Time passes only for those who wait: each waits its turn out at once. */
function leapingClock(): PaceClock & { readonly waits: number[] } {
  let nowMs = 1_000;
  const waits: number[] = [];
  return {
    now: () => nowMs,
    waits,
    wait: async (ms) => {
      waits.push(ms);
      await Promise.resolve();
      nowMs = Math.max(nowMs, 1_000 + waits.reduce((sum, wait) => Math.max(sum, wait), 0));
    },
  };
}

it('whoever comes waits for what was taken before, not for its own bytes', async () => {
  const clock = leapingClock();
  const pace = new Pace(1_000, clock);
  await Promise.all([500, 1_000, 250, 1].map((bytes) => pace.take(bytes, started())));
  expect(clock.waits).toEqual([500, 1_500, 1_750]);
});

it('what did not go through is given back', async () => {
  const clock = leapingClock();
  const pace = new Pace(1_000, clock);
  await pace.take(1_000, started());
  pace.giveBack(900);
  expect(pace.waitMs).toBeCloseTo(100);
});

it('whoever stops waiting holds up nobody', async () => {
  const stop = new AbortController();
  const pace = new Pace(1, {
    now: () => 0,
    wait: (_ms, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  await pace.take(10, started());
  const waiting = pace.take(1_000, { signal: stop.signal });
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  expect(pace.waitMs).toBeCloseTo(10_000);
});

it('a fetch takes as long as its bytes take at that pace, however many sources it has', async () => {
  const folder = await freshFolder();
  await writeGoldenTree(folder, { few: true });
  await using store = await EmbeddedStore.open(await freshFolder());
  const { cid, sizeBytes } = await store.add(folder, started());
  const clock = leapingClock();
  const pace = new Pace(MIB, clock);
  await using reader = await EmbeddedStore.open(await freshFolder());
  const sources = ['a', 'b', 'c'].map((name) => new StoreSource(name, store));
  const fetched = await fetchDirectory(reader, sources, cid, { ...started(), limits: { bytes: 1e9 }, pace });
  expect(fetched.ok).toBe(true);
  expect(clock.now() - 1_000 + pace.waitMs).toBeGreaterThanOrEqual((sizeBytes / MIB) * 1_000 * 0.99);
});
