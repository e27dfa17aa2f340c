import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { type CosignatureEntry, checkBody } from '../../../protocols/kinds/index.ts';
import { CosignaturePublisher } from '../../../services/witness/index.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { openWitness, SampleFeed } from '../../support/witnessed-feed.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function entriesOf(body: PlainObject): readonly CosignatureEntry[] {
  expect(checkBody('cosignatures/1', body)).toBeNull();
  return body['entries'] as unknown as readonly CosignatureEntry[];
}

async function scene(publish: (body: PlainObject) => Promise<void>) {
  const faults: unknown[] = [];
  const { witness, file } = openWitness(await freshFolder(), { onCosigned: () => publisher.ring() });
  const publisher = new CosignaturePublisher({
    outbox: file,
    publish,
    onFault: (error) => faults.push(error),
  });
  return { witness, file, publisher, faults };
}

describe('a publisher of cosignatures', () => {
  it('says at once what comes first, and a batch for each quarter of a second after it', async () => {
    const said: number[][] = [];
    const { witness, file, publisher } = await scene(async (body) => {
      said.push(entriesOf(body).map(({ size }) => size));
    });
    const feed = new SampleFeed('example-lab', 4);
    witness.addCheckpoint(feed.request(0, 1));
    await vi.advanceTimersByTimeAsync(0);
    witness.addCheckpoint(feed.request(1, 2));
    witness.addCheckpoint(feed.request(2, 3));
    await vi.advanceTimersByTimeAsync(249);
    expect(said).toEqual([[1]]);
    await vi.advanceTimersByTimeAsync(1);
    expect(said).toEqual([[1], [2, 3]]);
    expect(file.first(9)).toEqual([]);
    await publisher[Symbol.asyncDispose]();
  });

  it('says what it could not say again, and nothing after its end', async () => {
    let full = true;
    let said = 0;
    const { witness, file, publisher, faults } = await scene(async () => {
      if (full) throw new Error('no room');
      said += 1;
    });
    witness.addCheckpoint(new SampleFeed('example-lab', 4).request(0));
    await vi.advanceTimersByTimeAsync(0);
    expect([faults.length, file.first(9).length]).toEqual([1, 1]);
    full = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect([said, file.first(9).length]).toEqual([1, 0]);
    await publisher[Symbol.asyncDispose]();
    await publisher[Symbol.asyncDispose]();
    publisher.ring();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(said).toBe(1);
  });
});
