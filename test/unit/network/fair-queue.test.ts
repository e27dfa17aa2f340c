import { expect, test } from 'vitest';
import { FairQueue } from '../../../services/network/relay/fair-queue.ts';

/** Work that ends when told, and the order in which it began. */
class Works {
  readonly began: string[] = [];
  readonly #ends: (() => void)[] = [];

  of(name: string): () => Promise<string> {
    return async () => {
      this.began.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#ends.push(resolve);
      await promise;
      return name;
    };
  }

  async endAll(queue: FairQueue): Promise<void> {
    while (queue.atWork > 0) {
      for (const end of this.#ends.splice(0)) end();
      await new Promise(setImmediate);
    }
  }
}

test('lines take turns, so who comes late to a long line does not wait for it', async () => {
  const queue = new FairQueue({ atWork: 1, waiting: 100 });
  const works = new Works();
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2'])
    void queue.run(name.slice(0, 1), works.of(name));
  await works.endAll(queue);
  expect(works.began).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  expect([queue.waiting, queue.atWork]).toEqual([0, 0]);
});

test('when all is full the longest line gives up its newest, and only what waits is bounded by it', async () => {
  const queue = new FairQueue({ atWork: 2, waiting: 10 });
  const works = new Works();
  const flood = Array.from({ length: 50 }, (_, i) => queue.run('flood', works.of(`f${i}`)));
  const others = ['b', 'c', 'd'].map((name) => queue.run(name, works.of(name)));
  expect([queue.waiting, queue.atWork]).toEqual([10, 2]);
  await works.endAll(queue);
  expect(await Promise.all(others)).toEqual(['b', 'c', 'd']);
  const done = (await Promise.all(flood)).filter((name) => name !== null);
  expect(done).toEqual(Array.from({ length: 9 }, (_, i) => `f${i}`));
});

test('work that fails makes room, and its caller has the failure', async () => {
  const queue = new FairQueue({ atWork: 1, waiting: 10 });
  const failing = queue.run('a', () => Promise.reject(new TypeError('no')));
  const next = queue.run('a', async () => 'next');
  await expect(failing).rejects.toThrow(TypeError);
  expect(await next).toBe('next');
});
