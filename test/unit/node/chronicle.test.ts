import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import type { NodeEvent } from '../../../protocols/events/index.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { decide } from '../../../protocols/verdict/index.ts';
import { Ledger } from '../../../services/ledger/index.ts';
import type { Chronicle } from '../../../services/node/chronicle.ts';
import { Chronicled, ledgerPath } from '../../support/chronicled.ts';
import { headOf } from '../../support/feed-node.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { play, steps } from '../../support/histories.ts';
import {
  BENIGN,
  cardBody,
  charterBody,
  claimOf,
  count,
  findingBody,
  frontierBody,
  POLICY,
  RERUNS,
  rerunOf,
  TRIGGER,
  verdictBody,
} from '../../support/samples.ts';

let folder: string;
let parts: Chronicled;

beforeEach(async () => {
  folder = await freshFolder();
  open();
});

describe('events', () => {
  test('tell each message once, in order, with what a reader needs', async () => {
    const { id } = parts.charter;
    const joined = await parts.hear('example-lab', 'charter/1', charterBody(id));
    await parts.ledger.append(joined, 1);
    await parts.hear('example-lab', 'frontier-release/1', frontierBody('tiny'));
    await parts.hear('example-observer', 'something-new/2', {});
    const events = await stored(parts.chronicle);
    expect(events.map(({ cursor, type }) => [cursor, type])).toEqual([
      [1, 'member.joined'],
      [2, 'frontier.released'],
      [3, 'message.accepted'],
    ]);
    expect(events[0]).toEqual({
      cursor: 1,
      type: 'member.joined',
      message: joined.id,
      author: joined.author,
      acceptedAt: joined.issuedAt,
      data: { charter: id },
    });
  });

  test('wait for a gap in a feed and then tell all that was behind it', async () => {
    const author = parts.author('example-lab');
    const [first, second, third] = [0, 1, 2].map((n) =>
      author.say('frontier-release/1', frontierBody(`model ${n}`)),
    ) as [Message, Message, Message];
    await parts.ledger.append(third, 1);
    await parts.ledger.append(second, 2);
    expect(await stored(parts.chronicle)).toEqual([]);
    await parts.ledger.append(first, 3);
    const events = await stored(parts.chronicle);
    expect(events.map(({ message }) => message)).toEqual([first.id, second.id, third.id]);
    expect(new Set(events.map(({ acceptedAt }) => acceptedAt))).toEqual(new Set([3]));
  });

  test('tell when a finding’s standing changes, and by what', async () => {
    const finding = await publishFinding('Found on the analog');
    const north = await judge('verifier-north', finding, 'faithful');
    expect((await stored(parts.chronicle)).map(({ type }) => type)).not.toContain('finding.standing-changed');
    const south = await judge('verifier-south', finding, 'faithful');
    const changes = (await stored(parts.chronicle)).filter(({ type }) => type === 'finding.standing-changed');
    expect(changes).toMatchObject([
      { message: south.id, data: { finding: finding.id, from: 'open', to: 'confirmed' } },
    ]);
    expect(north.id).not.toBe(south.id);
  });

  test('tell a fork, and that a standing which rested on it is gone', async () => {
    const finding = await publishFinding('Found on the analog');
    const branch = parts.author('verifier-north').branch('something-new/2', { fork: 1 });
    await judge('verifier-north', finding, 'faithful');
    await judge('verifier-south', finding, 'faithful');
    await parts.ledger.append(branch, 9);
    const events = (await stored(parts.chronicle)).slice(-2);
    expect(events).toMatchObject([
      { type: 'member.forked', message: branch.id, author: branch.author, data: { sequence: 0 } },
      { type: 'finding.standing-changed', data: { from: 'confirmed', to: 'open' } },
    ]);
  });

  test('are read from any cursor, and go on with what comes meanwhile', async () => {
    for (let n = 0; n < 5; n++) await parts.hear('example-lab', 'member-card/1', cardBody(`card ${n}`));
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const { cursor } of parts.chronicle.events(3, { signal: stop.signal })) {
      seen.push(cursor);
      if (cursor === 5) void parts.hear('example-lab', 'member-card/1', cardBody('later'));
      if (cursor === 6) stop.abort();
    }
    expect(seen).toEqual([4, 5, 6]);
  });

  test('come to many slow and fast readers alike, over more than a page', async () => {
    const total = 600;
    const readers = [0, 1, 599, 600].map((after) => take(parts.chronicle, after, total - after));
    const said = Array.from({ length: total }, (_, n) => parts.hear('example-lab', 'something-new/2', { n }));
    await Promise.all(said);
    const seen = await Promise.all(readers);
    expect(seen.map((cursors) => cursors.length)).toEqual([600, 599, 1, 0]);
    for (const cursors of seen) expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
  });

  test('end when the reader goes, and leave nothing behind', async () => {
    const stop = new AbortController();
    const readers = Array.from({ length: 20 }, async () => {
      const seen: NodeEvent[] = [];
      for await (const event of parts.chronicle.events(0, { signal: stop.signal })) seen.push(event);
      return seen;
    });
    await parts.hear('example-lab', 'member-card/1', cardBody('x'));
    while (parts.chronicle.changed.waiting < 20) await new Promise(setImmediate);
    stop.abort();
    expect((await Promise.all(readers)).map((seen) => seen.length)).toEqual(readers.map(() => 1));
    expect(parts.chronicle.changed.waiting).toBe(0);
    for await (const _ of parts.chronicle.events(0, { signal: stop.signal })) expect.unreachable();
  });

  test('that cannot be stored are told of, and stored with the next', async () => {
    await parts.hear('example-lab', 'member-card/1', cardBody('one'));
    sql('ALTER TABLE event RENAME TO elsewhere');
    await parts.hear('example-lab', 'member-card/1', cardBody('two'));
    await parts.hear('example-lab', 'member-card/1', cardBody('three'));
    expect(parts.faults).toHaveLength(2);
    sql('ALTER TABLE elsewhere RENAME TO event');
    await parts.hear('example-lab', 'member-card/1', cardBody('four'));
    const names = (await stored(parts.chronicle)).map(({ data }) => data['displayName']);
    expect(names).toEqual(['one', 'two', 'three', 'four']);
  });
});

describe('after a restart', () => {
  /** What a live node has; every way back must lead to the same. */
  async function live() {
    await parts.hear('example-lab', 'frontier-release/1', frontierBody('tiny'));
    const finding = await publishFinding('Found on the analog');
    await judge('verifier-north', finding, 'random');
    await judge('verifier-south', finding, 'random');
    await parts.hear('example-lab', 'member-card/1', cardBody('after'));
    return { events: await stored(parts.chronicle), digest: parts.chronicle.record().digest };
  }

  async function now() {
    return { events: await stored(parts.chronicle), digest: parts.chronicle.record().digest };
  }

  test('record and events are the same', async () => {
    const before = await live();
    reopen();
    expect(await now()).toEqual(before);
    expect(before.events).toHaveLength(6);
  });

  test('so they are when the derived tables are gone', async () => {
    const before = await live();
    parts[Symbol.dispose]();
    sql('DROP TABLE event; DROP TABLE progress');
    open();
    expect(await now()).toEqual(before);
  });

  test.each([1, 3, 4, 5])('so they are after a kill between row %i and its events', async (row) => {
    const before = await live();
    const rows = [...parts.ledger.rows(0)];
    parts[Symbol.dispose]();
    const kept = before.events.filter(({ cursor }) => cursor < row).length;
    sql(`UPDATE progress SET row = ${row - 1}; DELETE FROM event WHERE row >= ${row};
         UPDATE sqlite_sequence SET seq = ${kept} WHERE name = 'event'`);
    open();
    expect([...parts.ledger.rows(0)]).toEqual(rows);
    expect(await now()).toEqual(before);
  });

  test('messages that came while nobody kept the chronicle are told', async () => {
    parts[Symbol.dispose]();
    const silent = new Ledger(ledgerPath(folder));
    const messages = [1, 2].map((n) => parts.author('example-lab').say('member-card/1', cardBody(`${n}`)));
    for (const message of messages) await silent.append(message, 1);
    silent[Symbol.dispose]();
    open();
    expect((await stored(parts.chronicle)).map(({ message }) => message)).toEqual(
      messages.map(({ id }) => id),
    );
  });

  test('any history: live, restarted in its midst, and rebuilt from the log agree', async () => {
    for (const history of fc.sample(steps, { numRuns: 5, seed: 20_260_914 })) {
      using whole = new Chronicled(await freshFolder());
      const messages = play(history, whole.charter);
      await Promise.all(messages.map((message) => whole.ledger.append(message, message.issuedAt)));
      const expected = {
        events: await stored(whole.chronicle),
        digest: whole.chronicle.record().digest,
      };
      const halves = await freshFolder();
      const middle = Math.floor(messages.length / 2);
      for (const part of [messages.slice(0, middle), messages.slice(middle), []]) {
        using resumed = new Chronicled(halves);
        await Promise.all(part.map((message) => resumed.ledger.append(message, message.issuedAt)));
        if (part.length > 0) continue;
        expect(await stored(resumed.chronicle)).toEqual(expected.events);
        expect(resumed.chronicle.record().digest).toBe(expected.digest);
      }
    }
  });
});

describe('messages that have changed on the disk', () => {
  test.each([
    ['one byte of a text', "CAST(replace(wire, 'eight', 'seven') AS BLOB)"],
    ['all of them', "CAST('no message' AS BLOB)"],
  ])('are found at the start: %s', async (_, changed) => {
    const said = [await parts.hear('example-lab', 'something-new/2', { n: 'eight' })];
    said.push(await parts.hear('example-lab', 'something-new/2', { n: 'more' }));
    parts.ledger.keepHead(headOf('example-lab', parts.charter, said));
    reopen();
    parts[Symbol.dispose]();
    sql(`UPDATE message SET wire = ${changed} WHERE cursor = 1`);
    expect(() => new Chronicled(folder)).toThrow(expect.objectContaining({ code: 'ledger-damaged' }));
  });
});

function open(): void {
  const opened = new Chronicled(folder);
  onTestFinished(() => opened[Symbol.dispose]());
  parts = opened;
}

function reopen(): void {
  parts[Symbol.dispose]();
  open();
}

/** On the file itself, past the program. */
function sql(statements: string): void {
  const database = new DatabaseSync(ledgerPath(folder));
  database.exec(statements);
  database.close();
}

/** All that is stored now. */
async function stored(chronicle: Chronicle): Promise<NodeEvent[]> {
  const stop = new AbortController();
  const seen: NodeEvent[] = [];
  const reading = (async () => {
    for await (const event of chronicle.events(0, { signal: stop.signal })) seen.push(event);
  })();
  while (chronicle.changed.waiting === 0) await new Promise(setImmediate);
  stop.abort();
  await reading;
  return seen;
}

/** Cursors of the next events. */
async function take(chronicle: Chronicle, after: number, length: number): Promise<number[]> {
  const stop = new AbortController();
  const seen: number[] = [];
  if (length === 0) return seen;
  for await (const { cursor } of chronicle.events(after, { signal: stop.signal })) {
    seen.push(cursor);
    if (seen.length === length) stop.abort();
  }
  return seen;
}

const CLAIM = claimOf({
  counts: [
    count('baseline', TRIGGER, 400, 400),
    count('treated', TRIGGER, 4, 400),
    count('baseline', BENIGN, 392, 400),
    count('treated', BENIGN, 390, 400),
  ],
});

function publishFinding(title: string): Promise<Message> {
  return parts.hear('example-academy', 'finding/1', findingBody(title, CLAIM) as PlainObject);
}

function judge(verifier: string, finding: Message, rerun: keyof typeof RERUNS): Promise<Message> {
  const counts = rerunOf(RERUNS[rerun]);
  const { outcome } = decide(CLAIM, counts, POLICY);
  return parts.hear(verifier, 'verdict/1', verdictBody(finding.id, outcome, counts));
}
