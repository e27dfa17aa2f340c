import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Message } from '../../../protocols/message/index.ts';
import { Ledger } from '../../../services/ledger/index.ts';
import { Author, charterOf } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';

const KIND = 'something-new/2';
const { id: FEDERATION } = charterOf();

let path: string;

beforeEach(async () => {
  path = join(await freshFolder(), 'ledger.sqlite');
});

describe('append', () => {
  test('a new message, then the same again', async () => {
    const ledger = openLedger();
    const [message] = feed(1);
    expect(await ledger.append(message, 7)).toBe('appended');
    expect(await ledger.append(message, 8)).toBe('duplicate');
    expect([...ledger.rows(0)]).toEqual([{ cursor: 1, wire: message.wire, acceptedAt: 7 }]);
  });

  test('the same message twice in one turn is there once', async () => {
    const ledger = openLedger();
    const [message] = feed(1);
    expect(await Promise.all([ledger.append(message, 7), ledger.append(message, 7)])).toEqual([
      'appended',
      'duplicate',
    ]);
    expect(ledger.count()).toBe(1);
  });

  test('two payloads at one sequence are kept, a third adds nothing', async () => {
    const ledger = openLedger();
    const author = new Author('example-lab', FEDERATION);
    const branches = [0, 1, 2].map((n) => author.branch(KIND, { n })) as [Message, Message, Message];
    const results = [];
    for (const message of branches) results.push(await ledger.append(message, 1));
    expect(results).toEqual(['appended', 'appended', 'surplus']);
    expect(await ledger.append(branches[1], 1)).toBe('duplicate');
    expect(ledger.has(branches[2].id)).toBe(false);
    expect(ledger.range(branches[0].author, 0, 1)).toHaveLength(2);
  });

  test('cursors rise by one in the order of the calls, over many commits', async () => {
    const ledger = openLedger();
    const batches: number[] = [];
    ledger.onAppended((rows) => batches.push(rows.length));
    const messages = feed(1_300);
    await Promise.all(messages.map((message) => ledger.append(message, 1)));
    const rows = [...ledger.rows(0)];
    expect(rows.map(({ cursor }) => cursor)).toEqual(messages.map((_, i) => i + 1));
    expect(rows.map(({ wire }) => wire)).toEqual(messages.map(({ wire }) => wire));
    expect(batches).toEqual([512, 512, 276]);
  });

  test('listeners hear of a commit before its appends resolve, and never of a duplicate', async () => {
    const ledger = openLedger();
    const told: string[] = [];
    ledger.onAppended((rows) => told.push(...rows.map(({ message }) => message.id)));
    const [first, second] = feed(2);
    await ledger.append(first, 1);
    expect(told).toEqual([first.id]);
    await Promise.all([ledger.append(first, 1), ledger.append(second, 1)]);
    expect(told).toEqual([first.id, second.id]);
  });

  test('what was asked for before the ledger closes is appended; after it, refused', async () => {
    const messages = feed(600);
    const ledger = openLedger();
    const appends = messages.map((message) => ledger.append(message, 1));
    ledger[Symbol.dispose]();
    ledger[Symbol.dispose]();
    expect(new Set(await Promise.all(appends))).toEqual(new Set(['appended']));
    await expect(ledger.append(messages[0], 1)).rejects.toMatchObject({ code: 'ledger-failed' });
    expect(openLedger().count()).toBe(600);
  });
});

describe('reading', () => {
  test('by id', async () => {
    const ledger = openLedger();
    const [held, other] = feed(2);
    await ledger.append(held, 5);
    expect(ledger.has(held.id)).toBe(true);
    expect(ledger.get(held.id)).toEqual({ cursor: 1, wire: held.wire, acceptedAt: 5 });
    expect(ledger.has(other.id)).toBe(false);
    expect(ledger.get(other.id)).toBeNull();
  });

  test('rows after a cursor, past the size of a page', async () => {
    const ledger = openLedger();
    await Promise.all(feed(1_001).map((message) => ledger.append(message, 1)));
    expect([...ledger.rows(0)]).toHaveLength(1_001);
    expect([...ledger.rows(999)].map(({ cursor }) => cursor)).toEqual([1_000, 1_001]);
    expect([...ledger.rows(1_001)]).toEqual([]);
  });

  test('a range of one author, its end excluded', async () => {
    const ledger = openLedger();
    const messages = feed(5);
    const others = feed(5, 'example-academy');
    for (const message of [...messages, ...others]) await ledger.append(message, 1);
    const { author } = messages[0];
    expect(ledger.range(author, 1, 3)).toEqual(messages.slice(1, 3).map(({ wire }) => wire));
    expect(ledger.range(author, 4, 99)).toEqual(messages.slice(4).map(({ wire }) => wire));
    expect(ledger.range(author, 5, 99)).toEqual([]);
  });
});

describe('heads', () => {
  test('count to the first gap, and jump when it is filled', async () => {
    const ledger = openLedger();
    const messages = feed(6);
    const [first, second, third, , fifth, sixth] = messages;
    const lengths = [];
    for (const message of [second, first, fifth, sixth, third, messages[3] as Message]) {
      await ledger.append(message as Message, 1);
      lengths.push(ledger.lengthOf(first.author));
    }
    expect(lengths).toEqual([0, 2, 2, 2, 3, 6]);
    expect(ledger.heads()).toEqual([{ author: first.author, length: 6, head: (sixth as Message).id }]);
  });

  test('an author without a first message has none', async () => {
    const ledger = openLedger();
    const [, second] = feed(2);
    await ledger.append(second, 1);
    expect(ledger.heads()).toEqual([]);
    expect(ledger.lengthOf(second.author)).toBe(0);
  });

  test('are the same after reopening, with gaps, forks and late fills', async () => {
    const before = openLedger();
    const lab = feed(8);
    const academy = feed(4, 'example-academy');
    const forker = new Author('example-regulator', FEDERATION);
    const fork = [forker.branch(KIND, { n: 1 }), forker.say(KIND, { n: 2 }), forker.say(KIND, { n: 3 })];
    const written = [...lab.slice(0, 3), ...lab.slice(4), academy[2], academy[3], ...fork] as Message[];
    for (const message of written) await before.append(message, 1);
    const heads = byAuthor(before);
    const rows = [...before.rows(0)];
    before[Symbol.dispose]();

    const after = openLedger();
    expect(byAuthor(after)).toEqual(heads);
    expect([...after.rows(0)]).toEqual(rows);
    await after.append(lab[3] as Message, 1);
    expect(after.lengthOf(lab[0].author)).toBe(8);
    expect(heads.map(({ length }) => length).sort()).toEqual([2, 3]);
  });
});

describe('reservations', () => {
  test('survive, and none is given twice', () => {
    const before = openLedger();
    expect(before.lastReservation()).toBeNull();
    before.reserve(0, Uint8Array.of(1));
    before.reserve(1, Uint8Array.of(2));
    before[Symbol.dispose]();
    const after = openLedger();
    expect(after.lastReservation()).toEqual({ sequence: 1, payload: Uint8Array.of(2) });
    expect(() => after.reserve(1, Uint8Array.of(3))).toThrow(
      expect.objectContaining({ code: 'ledger-failed' }),
    );
    expect(after.lastReservation()).toEqual({ sequence: 1, payload: Uint8Array.of(2) });
  });
});

describe('a file that is not to be used', () => {
  test.each([
    ['text', 'this is no ledger, whatever its name says; '.repeat(100)],
    ['the start of a ledger, then noise', `SQLite format 3\0${'\x7f'.repeat(4_096)}`],
  ])('%s', async (_, content) => {
    await writeFile(path, content);
    expect(() => new Ledger(path)).toThrow(expect.objectContaining({ code: 'ledger-failed' }));
  });

  test('one of a newer version, which stays as it was', async () => {
    openLedger()[Symbol.dispose]();
    writeVersion(99);
    expect(() => new Ledger(path)).toThrow(expect.objectContaining({ code: 'ledger-failed' }));
    writeVersion(1);
    expect(openLedger().count()).toBe(0);
  });

  test('a folder', async () => {
    expect(() => new Ledger(join(path, '..'))).toThrow(expect.objectContaining({ code: 'ledger-failed' }));
  });
});

function openLedger(): Ledger {
  const ledger = new Ledger(path);
  onTestFinished(() => ledger[Symbol.dispose]());
  return ledger;
}

/** The first messages of one member's feed. */
function feed(length: number, name = 'example-lab'): [Message, Message, ...Message[]] {
  const author = new Author(name, FEDERATION);
  const messages = Array.from({ length }, (_, n) => author.say(KIND, { n }));
  // the encoder gives a Buffer, the ledger plain bytes
  return messages.map((message) => ({ ...message, wire: Uint8Array.from(message.wire) })) as [
    Message,
    Message,
    ...Message[],
  ];
}

function byAuthor(ledger: Ledger) {
  return [...ledger.heads()].sort((a, b) => (a.author < b.author ? -1 : 1));
}

function writeVersion(version: number): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}
