import fc from 'fast-check';
import { expect, it } from 'vitest';
import { authorize } from '../../protocols/charter/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import { type FederationRecord, RecordFold, recordDigest } from '../../protocols/record/index.ts';
import { charterOf } from '../support/federation.ts';
import { play, steps } from '../support/histories.ts';
import { pickBelow, randomFrom, shuffled, testSeed } from '../support/seed.ts';

const RUNS = 1_000;
const RECORDS = 5;
const charter = charterOf();
const seed = testSeed();

/** Delivers every message in a random order, a third of them more than once. @returns the record and what the changes add up to */
function deliver(messages: readonly Message[], random: () => number) {
  const again = messages.filter(() => random() < 1 / 3);
  const fold = new RecordFold(charter);
  const counted = new Set<string>();
  for (const message of shuffled([...messages, ...again], random)) {
    const change = fold.add(message);
    for (const each of change?.counted ?? []) counted.add(each.id);
    for (const each of change?.voided ?? []) counted.delete(each.id);
    // a record asked for half-way must not bend the one at the end
    if (pickBelow(random, 40) === 0) fold.record();
  }
  return { record: fold.record(), counted };
}

/** The counting rule once more, from the whole set at once. spec 08-record §2 */
function countFeeds(messages: readonly Message[]) {
  const feeds = new Map<string, ReturnType<typeof countFeed>>();
  for (const key of charter.members.keys()) {
    const mine = messages.filter(
      (message) => message.author === key && authorize(charter, key, message.kind).ok,
    );
    feeds.set(key, countFeed(mine));
  }
  return feeds;
}

function countFeed(messages: readonly Message[]) {
  const counted: string[] = [];
  for (;;) {
    const at = counted.length;
    const here = new Map(messages.filter((each) => each.sequence === at).map((each) => [each.id, each]));
    if (here.size === 0) return { counted, stop: null };
    if (here.size > 1) return { counted, stop: { at, reason: 'fork' } };
    const [message] = here.values() as Iterable<Message> as [Message];
    if (message.previous !== (counted[at - 1] ?? null))
      return { counted, stop: { at, reason: 'broken-chain' } };
    counted.push(message.id);
  }
}

it(`one set of messages has one record: ${RECORDS} orders, ${RUNS} histories`, () => {
  const seen = { forks: 0, broken: 0, settled: 0, discounted: 0 };
  let runs = 0;
  fc.assert(
    fc.property(steps, fc.nat(), (history, order) => {
      const messages = play(history, charter);
      const random = randomFrom(order);
      const results = Array.from({ length: RECORDS }, () => deliver(messages, random));
      const digests = new Set(results.map(({ record }) => recordDigest(record)));
      expect(digests.size).toBe(1);
      const expected = countFeeds(messages);
      for (const { record, counted } of results) {
        const feeds = new Map(record.members.map((member) => [member.key as string, member.feed]));
        for (const [key, feed] of expected)
          expect(feeds.get(key)).toEqual({
            length: feed.counted.length,
            head: feed.counted.at(-1) ?? null,
            stop: feed.stop,
          });
        expect([...counted].sort()).toEqual([...expected.values()].flatMap((feed) => feed.counted).sort());
      }
      tally((results[0] as { record: FederationRecord }).record, seen);
      runs++;
    }),
    { numRuns: RUNS, seed },
  );
  expect(runs).toBeGreaterThanOrEqual(RUNS);
  // the histories are worth their while only if all of this happens in them
  for (const times of Object.values(seen)) expect(times).toBeGreaterThan(RUNS / 100);
});

function tally(
  record: FederationRecord,
  seen: { forks: number; broken: number; settled: number; discounted: number },
): void {
  if (record.members.some((member) => member.feed.stop?.reason === 'fork')) seen.forks++;
  if (record.members.some((member) => member.feed.stop?.reason === 'broken-chain')) seen.broken++;
  if (record.findings.some((finding) => finding.standing !== 'open')) seen.settled++;
  if (record.findings.some((finding) => finding.verdicts.some((each) => each.discount !== null)))
    seen.discounted++;
}
