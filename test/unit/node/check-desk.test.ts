import { expect, onTestFinished, test } from 'vitest';
import type { MessageId } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { checkBody } from '../../../protocols/kinds/index.ts';
import { type BlockSource, EmbeddedStore, SourceError } from '../../../services/checkpoints/index.ts';
import { CheckDesk, type DuePin } from '../../../services/node/pins/check-desk.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { writeGoldenTree } from '../../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';
import { ManualTimer } from '../../support/manual-timer.ts';
import { randomFrom } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { firstMessage } from '../../support/vectors/message.ts';

const DAY_MS = 86_400_000;
const ID: MessageId = firstMessage().id;

/** A desk whose time passes by hand, and a keeper that answers until it is told otherwise. */
async function desk() {
  const folder = await freshFolder();
  await writeGoldenTree(folder, { few: true });
  const store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await store.add(folder, { signal: new AbortController().signal });
  const timer = new ManualTimer();
  const random = randomFrom(1);
  const published: PlainObject[] = [];
  const state = {
    connected: true,
    answers: true,
    due: [{ id: ID, checkpoint: cid, member: 'keeper' }] as DuePin[],
  };
  let checks = 0;
  const unreachable: BlockSource = {
    name: 'unreachable',
    has: () => Promise.resolve([]),
    // biome-ignore lint/correctness/useYield: it never has one to give
    async *blocks() {
      throw new SourceError('closed', 'no connection');
    },
  };
  const running = new CheckDesk(
    {
      due: () => state.due,
      sourcesOf: () => {
        checks++;
        return state.answers ? [unreachable, new StoreSource('keeper', store)] : [unreachable];
      },
      isConnected: () => state.connected,
      publish: async (body) => void published.push(body),
      report: () => undefined,
      chance: {
        bytes: (count) => Uint8Array.from({ length: count }, () => random() * 256),
        unit: () => 1 - random(),
      },
      clock: { now: () => Math.trunc(timer.now()) },
      timer,
    },
    { checksPerDay: 4, sample: 3 },
  );
  onTestFinished(async () => {
    await running[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });
  /** Lets the time until the next check pass, and waits for the desk to rest again. */
  const next = async () => {
    await until(() => timer.waits().length === 1);
    const [ms = 0] = timer.waits();
    timer.pass(ms);
    await until(() => timer.waits().length === 1);
    return ms;
  };
  return { running, state, published, next, checks: () => checks };
}

const entriesOf = (bodies: readonly PlainObject[]) =>
  bodies.flatMap((body) => body['entries'] as PlainObject[]);

test('a first answer is told at once, and is a body that everyone opens', async () => {
  const { published, next } = await desk();
  await next();
  expect(published).toHaveLength(1);
  expect(checkBody('pin-check/1', published[0] as PlainObject)).toBeNull();
  expect(entriesOf(published)).toMatchObject([{ pin: ID, asked: 3, answered: 3, fault: null }]);
});

test('the same again is told once a day, and of each promise only the last', async () => {
  const { published, next } = await desk();
  await next();
  let passed = 0;
  while (published.length === 1) passed += await next();
  expect(passed).toBeGreaterThanOrEqual(DAY_MS);
  expect(entriesOf(published)).toHaveLength(2);
});

test('a fault is told at once, and so is that it is over', async () => {
  const { published, state, next } = await desk();
  await next();
  state.answers = false;
  await next();
  state.answers = true;
  await next();
  expect(entriesOf(published).map(({ fault }) => fault)).toEqual([null, 'unreachable', null]);
});

test('who is cut off says nothing of others', async () => {
  const { published, state, next, checks } = await desk();
  state.connected = false;
  await next();
  expect(checks()).toBe(0);
  state.due = [];
  state.connected = true;
  await next();
  expect([checks(), published]).toEqual([0, []]);
});

test('the gaps are those of chance: neither even, nor told by the last', async () => {
  const { next, state } = await desk();
  state.due = [];
  const gaps: number[] = [];
  for (let i = 0; i < 200; i++) gaps.push(await next());
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  expect(mean).toBeGreaterThan(DAY_MS / 4 / 1.4);
  expect(mean).toBeLessThan((DAY_MS / 4) * 1.4);
  // of an exponential distribution the deviation is the mean
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  expect(deviation / mean).toBeGreaterThan(0.7);
});

test('it ends at once, twice over', async () => {
  const { running } = await desk();
  await running[Symbol.asyncDispose]();
  await running[Symbol.asyncDispose]();
});
