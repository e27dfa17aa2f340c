import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import type { MessageId } from '../../protocols/base/ids.ts';
import { encode } from '../../protocols/codec/codec.ts';
import type { Message } from '../../protocols/message/index.ts';
import { doesCount, type FederationRecord, RecordFold } from '../../protocols/record/index.ts';
import { governedCharter, playGoverned, SHARED } from '../support/governed-histories.ts';
import { hasAllRuns, runsOf } from '../support/runs.ts';
import { pickBelow, randomFrom, shuffled, testSeed } from '../support/seed.ts';

const HISTORIES = runsOf(2_000);
/** Histories that were once derived otherwise in another order: a proof against a feed of which nothing had come yet. */
const REMEMBERED = [911_564_422];
const charter = governedCharter();
const seed = testSeed();

/** Ways in which the same messages reach a node. */
const DELIVERIES = {
  'as written': (messages: readonly Message[]) => [...messages],
  'shuffled, a third of them twice': (messages: readonly Message[], random: () => number) =>
    shuffled([...messages, ...messages.filter(() => random() < 1 / 3)], random),
  backwards: (messages: readonly Message[]) => messages.toReversed(),
  'a partition that heals: some authors first, each in order': partitioned,
} as const;

function partitioned(messages: readonly Message[], random: () => number): Message[] {
  const here = new Set(messages.map(({ author }) => author).filter(() => random() < 0.5));
  const late = messages.filter(({ author }) => !here.has(author));
  return [...messages.filter(({ author }) => here.has(author)), ...late];
}

/** One node: its record at the end, and what its changes add up to. */
function deliver(messages: readonly Message[], random: () => number) {
  const fold = new RecordFold(charter, SHARED);
  const counted = new Set<MessageId>();
  const established = new Map<MessageId, number | null>();
  let version = charter.id;
  for (const message of messages) {
    const change = fold.add(message);
    for (const { id } of change?.voided ?? []) counted.delete(id);
    for (const { id } of change?.counted ?? []) counted.add(id);
    for (const { id } of change?.established ?? []) established.set(id, fold.establishedAt(id));
    version = change?.charters.at(-1)?.id ?? version;
    // a record asked for half-way must not bend the one at the end
    if (pickBelow(random, 40) === 0) fold.record();
  }
  return { fold, record: fold.record(), counted, established, version };
}

it(`one set of messages has one record, in any order: ${HISTORIES} histories`, { timeout: 300_000 }, () => {
  const seen = new Map<string, number>();
  const seeds = [...REMEMBERED, ...Array.from({ length: HISTORIES }, (_, run) => seed + run)];
  for (const each of seeds) {
    const random = randomFrom(each);
    const messages = playGoverned(charter, 8 + pickBelow(random, 30), random);
    const nodes = Object.entries(DELIVERIES).map(([way, order]) => ({
      way,
      ...deliver(order(messages, random), random),
    }));
    const [first, ...others] = nodes as [(typeof nodes)[number], ...typeof nodes];
    const bytes = encode(first.record);
    const ids = [...new Set(messages.map(({ id }) => id))];
    for (const { way, record } of others) {
      if (Buffer.compare(encode(record), bytes) !== 0) {
        expect(record, `history ${each}, ${way}`).toEqual(first.record);
      }
    }
    for (const { way, fold, counted, established, version } of nodes) {
      const where = `history ${each}, ${way}`;
      expect(version, where).toBe(first.record.charter.id);
      for (const id of ids) {
        const status = fold.statusOf(id);
        const expected = first.fold.statusOf(id);
        // half a million comparisons: only one that fails is worth an `expect`
        if (!isDeepStrictEqual(status, expected)) expect(status, where).toEqual(expected);
        // what was told on the way is what holds at the end
        const counts = status !== null && doesCount(status);
        if (counted.has(id) !== counts) expect(counted.has(id), where).toBe(counts);
        const told = established.get(id) ?? null;
        if (counts && told !== fold.establishedAt(id)) expect(told, where).toBe(fold.establishedAt(id));
      }
    }
    tally(first, ids, seen);
  }
  // the histories are worth their while only if all of this happens in them
  if (!hasAllRuns) return;
  for (const what of TALLIED) expect(seen.get(what) ?? 0, what).toBeGreaterThan(HISTORIES / 500);
});

const TALLIED = [
  'amended',
  'amended twice',
  'rotated',
  'compromised',
  'left',
  'came back',
  'pending',
  'fork',
  'broken-chain',
  'established',
  'witnessed',
  'settled',
  'pinned',
  'checked by another organisation',
  'checked by two',
  'superseded-key',
  'revoked-after',
  'after-last',
  'role-may-not',
  'not-a-member',
] as const;

/** Of each history, what its record holds. */
function tally(
  { record, fold }: { record: FederationRecord; fold: RecordFold },
  ids: readonly MessageId[],
  seen: Map<string, number>,
): void {
  const statuses = ids.map((id) => fold.statusOf(id));
  const former = record.members.flatMap((member) => member.former);
  const holds: Record<(typeof TALLIED)[number], boolean> = {
    amended: record.charter.version > 0,
    'amended twice': record.charter.version > 1,
    rotated: former.some(({ reason }) => reason === 'rotated'),
    compromised: former.some(({ reason }) => reason === 'compromised'),
    left: record.formerMembers.length > 0,
    'came back': former.some(({ reason }) => reason === 'removed'),
    pending: record.proposals.length > 0,
    fork: record.forks.length > 0,
    'broken-chain': statuses.some((status) => status?.reason === 'broken-chain'),
    established: record.findings.some(({ established }) => established !== null),
    witnessed: record.members.some(({ feed }) => feed.witnessed !== null),
    settled: record.findings.some(({ standing }) => standing !== 'open'),
    pinned: record.pins.length > 0,
    'checked by another organisation': record.pins.some(({ checks }) => checks.length > 0),
    'checked by two': record.pins.some(({ checks }) => checks.length > 1),
    'superseded-key': statuses.some((status) => status?.status === 'superseded-key'),
    'revoked-after': statuses.some((status) => status?.status === 'revoked-after'),
    'after-last': statuses.some((status) => status?.reason === 'after-last'),
    'role-may-not': statuses.some((status) => status?.reason === 'role-may-not'),
    'not-a-member': statuses.some((status) => status?.reason === 'not-a-member'),
  };
  for (const [what, does] of Object.entries(holds)) if (does) seen.set(what, (seen.get(what) ?? 0) + 1);
}
