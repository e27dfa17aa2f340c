import { beforeEach, expect, test } from 'vitest';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { Quotas } from '../../../services/node/quotas.ts';

const HOUR_MS = 3_600_000;
const POLICY = { messagesPerHour: 60, burst: 10, bytesPerHour: 6_000 };
const A = 'did:key:zA' as MemberKey;
const B = 'did:key:zB' as MemberKey;

let now: number;
let lastAccepted: Map<MemberKey, number>;
let quotas: Quotas;
/** Messages granted, by author. */
let said: Map<MemberKey, number>;

beforeEach(() => {
  now = 1_790_000_000_000;
  said = new Map();
  lastAccepted = new Map([
    [A, now],
    [B, now],
  ]);
  quotas = new Quotas({
    policy: () => POLICY,
    lastAcceptedAt: (author) => lastAccepted.get(author) ?? null,
    clock: { now: () => now },
  });
});

/** Messages of one byte that are taken, of so many. */
function taken(author: MemberKey, count: number, live: boolean, bytes = 1): number {
  let granted = 0;
  for (let i = 0; i < count; i += 1) {
    const sequence = (said.get(author) ?? 0) + granted;
    if (quotas.take({ author, sequence, bytes, length: sequence, live })) granted += 1;
  }
  said.set(author, (said.get(author) ?? 0) + granted);
  return granted;
}

test('the burst, then the rate, for each author apart', () => {
  expect(taken(A, 100, true)).toBe(10);
  expect(taken(B, 100, true)).toBe(10);
  now += HOUR_MS / 60;
  expect(taken(A, 100, true)).toBe(1);
  expect(Object.fromEntries(quotas.shed())).toEqual({ [A]: 189, [B]: 90 });
});

test('bytes count as messages do', () => {
  expect(taken(A, 10, true, 1_000)).toBe(6);
  now += HOUR_MS / 6;
  expect(taken(A, 10, true, 1_000)).toBe(1);
});

test('what was saved up in silence is for what is fetched, not for what is said now', () => {
  now += 10 * HOUR_MS;
  expect(quotas.allowance(A)).toBe(610);
  expect(taken(A, 1_000, false)).toBe(610);
  now += 10 * HOUR_MS;
  expect(taken(A, 1_000, true)).toBe(10);
  expect(quotas.allowance(A)).toBe(0);
});

test('a month at most is saved, and an author never heard has all of it', () => {
  now += 10_000 * HOUR_MS;
  expect(quotas.allowance(A)).toBe(720 * 60);
  expect(quotas.allowance('did:key:zNew' as MemberKey)).toBe(720 * 60);
});

test('after a restart the silence counts from the last message that is stored', () => {
  lastAccepted.set(A, now - HOUR_MS);
  expect(quotas.allowance(A)).toBe(70);
});

test('a range over the allowance has to be waited for', () => {
  quotas.spend(A, 40, 100);
  expect(quotas.allowance(A)).toBe(0);
  expect(taken(A, 1, true)).toBe(0);
  now += HOUR_MS / 2;
  expect(quotas.allowance(A)).toBe(0);
  now += HOUR_MS / 60;
  expect(quotas.allowance(A)).toBe(1);
});

test('the node’s own feed has no quota', () => {
  quotas.exempt(A);
  expect(taken(A, 1_000, true)).toBe(1_000);
  expect(quotas.allowance(A)).toBe(Number.MAX_SAFE_INTEGER);
  expect(quotas.allowance(B)).toBe(10);
});

test('a message that was not stored costs nothing', () => {
  expect(taken(A, 10, true)).toBe(10);
  quotas.giveBack({ author: A, sequence: 9, bytes: 1, length: 9, live: true });
  expect(taken(A, 2, true)).toBe(1);
});

test('a clock that is set back takes nothing away and gives nothing', () => {
  taken(A, 10, true);
  now -= 5 * HOUR_MS;
  expect(taken(A, 1, true)).toBe(0);
  now += HOUR_MS / 60;
  expect(taken(A, 2, true)).toBe(1);
});

test('past a gap a message is granted where the gap could be filled too; many at once in order are no gap', () => {
  const share = (sequence: number) => ({ author: A, sequence, bytes: 1, length: 0, live: true });
  expect(quotas.take(share(10))).toBe(false);
  expect(quotas.take(share(9))).toBe(true);
  for (let sequence = 0; sequence < 9; sequence += 1) expect(quotas.take(share(sequence))).toBe(true);
  expect(quotas.take(share(10))).toBe(false);
});

test('a fork below a proven one costs as much as the record has to be derived again', () => {
  const forks = () => {
    let granted = 0;
    while (quotas.takeLowerFork(A)) granted += 1;
    return granted;
  };
  now += 1_000 * HOUR_MS;
  // the whole burst of this policy, whatever was saved up
  expect(forks()).toBe(1);
  now += HOUR_MS / 6;
  expect(forks()).toBe(1);
  expect(taken(A, 100, true)).toBe(0);
  quotas.exempt(B);
  expect(quotas.takeLowerFork(B)).toBe(true);
});
