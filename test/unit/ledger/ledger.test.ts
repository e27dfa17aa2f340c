import { copyFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { encode } from '../../../protocols/codec/codec.ts';
import { encodeEntryBundle, type Head, signHead } from '../../../protocols/feed/index.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { Ledger } from '../../../services/ledger/index.ts';
import { PENDING_LIMIT, PENDING_LIMIT_BYTES } from '../../../services/ledger/pending.ts';
import { PAGE_BYTES, SCHEMA_VERSION } from '../../../services/ledger/schema.ts';
import { Author, charterOf, signerOf } from '../../support/federation.ts';
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
    const branches = [0, 1, 2].map((n) => plain(author.branch(KIND, { n }))) as [Message, Message, Message];
    const results = [];
    for (const message of branches) results.push(await ledger.append(message, 1));
    expect(results).toEqual(['appended', 'appended', 'surplus']);
    expect(await ledger.append(branches[1], 1)).toBe('duplicate');
    expect(ledger.has(branches[2].id)).toBe(false);
    expect(ledger.range(branches[0].author, 0, 1)).toEqual([branches[0].wire]);
    expect(ledger.evidence(branches[0].author, 9)).toEqual([branches[0].wire, branches[1].wire]);
    expect(ledger.headOf(branches[0].author)).toMatchObject({ length: 1, fork: 0 });
  });

  test('one payload signed in two ways is a fork as well, and is found by its id', async () => {
    const ledger = openLedger();
    const [message] = feed(1);
    const other = signedOtherwise(message);
    expect(await ledger.append(message, 1)).toBe('appended');
    expect(await ledger.append(other, 2)).toBe('appended');
    expect(await ledger.append(other, 3)).toBe('duplicate');
    expect(ledger.evidence(message.author, 9)).toEqual([message.wire, other.wire]);
    expect(ledger.get(message.id)?.wire).toEqual(message.wire);
    ledger[Symbol.dispose]();
    expect(openLedger().headOf(message.author)).toMatchObject({ length: 1, fork: 0 });
  });

  test('a range in one commit: what is known is passed over, what waited for it follows', async () => {
    const ledger = openLedger();
    const messages = feed(6);
    await ledger.append(messages[0], 1);
    await ledger.append(messages[4] as Message, 1);
    const told: number[] = [];
    ledger.onAppended((rows) => told.push(...rows.map(({ message }) => message.sequence)));
    await ledger.appendRange(messages.slice(0, 4), 2);
    expect(told).toEqual([1, 2, 3, 4]);
    expect(ledger.lengthOf(messages[0].author)).toBe(5);
    expect(ledger.waiting()).toEqual({ messages: 0, bytes: 0 });
  });

  test('listeners are told when rows can be read, and again, in order, before their append resolves', async () => {
    const ledger = openLedger();
    const [author] = feed(1);
    const [read, durable, resolved]: [number[], number[], number[]] = [[], [], []];
    ledger.onAppended((rows) => {
      for (const { cursor, message } of rows) {
        read.push(cursor);
        expect(ledger.lengthOf(author.author)).toBeGreaterThan(message.sequence);
        expect(durable).not.toContain(cursor);
      }
    });
    ledger.onDurable((rows) => {
      for (const { cursor } of rows) {
        durable.push(cursor);
        expect(resolved).not.toContain(cursor);
      }
    });
    const messages = feed(40);
    const single = messages.slice(0, 10).map(async (message, i) => {
      await ledger.append(message, 1);
      resolved.push(i + 1);
    });
    const range = ledger.appendRange(messages.slice(10, 30), 1);
    const rest = messages.slice(30).map((message) => ledger.append(message, 1));
    await Promise.all([...single, range, ...rest]);
    const all = messages.map((_, i) => i + 1);
    expect([read, durable]).toEqual([all, all]);
    expect(resolved).toEqual(all.slice(0, 10));
  });

  test('what was committed and not confirmed when it is closed is there', async () => {
    const ledger = openLedger();
    const messages = feed(20);
    const appended = ledger.appendRange(messages, 1);
    const late = ledger.append(messages[0] as Message, 1);
    ledger[Symbol.dispose]();
    await appended;
    expect(await late).toBe('duplicate');
    expect(openLedger().count()).toBe(20);
  });

  test('a batch that fails leaves nothing behind', async () => {
    const ledger = openLedger();
    const [first, second] = feed(2);
    await ledger.append(first, 1);
    const unstorable = { ...second, wire: 'no bytes' as unknown as Uint8Array };
    await expect(ledger.appendRange([unstorable], 1)).rejects.toMatchObject({ code: 'ledger-failed' });
    expect(ledger.headOf(first.author)).toMatchObject({ length: 1, head: first.id });
    expect(await ledger.append(second, 1)).toBe('appended');
    expect([...ledger.rows(0)].map(({ cursor }) => cursor)).toEqual([1, 2]);
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

  test('a bundle holds the bytes of a range as they are, zeros and broken text among them', async () => {
    const ledger = openLedger();
    const wires = [Uint8Array.of(0, 0xff, 0, 0xc3, 0), new Uint8Array(300), Uint8Array.of(0xed, 0xa0, 0x80)];
    const messages = wires.map((wire, sequence): Message => ({ ...(feed(3)[sequence] as Message), wire }));
    for (const message of messages) await ledger.append(message, 1);
    const { author } = messages[0] as Message;
    expect(ledger.bundle(author, 0, 2)).toEqual(encodeEntryBundle(wires.slice(0, 2)));
    expect(ledger.bundle(author, 1, 99)).toEqual(encodeEntryBundle(wires.slice(1)));
    expect(ledger.bundle(author, 3, 99)).toEqual(new Uint8Array());
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
    expect(ledger.heads()).toMatchObject([
      { author: first.author, length: 6, head: (sixth as Message).id, fork: null, signed: null },
    ]);
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

describe('messages past a gap', () => {
  test('wait, across a restart, and come in order when what was missing has come', async () => {
    const before = openLedger();
    const [first, second, third, fourth] = feed(4) as [Message, Message, Message, Message];
    expect(await before.append(fourth, 1)).toBe('pending');
    expect(await before.append(second, 1)).toBe('pending');
    expect(await before.append(second, 1)).toBe('duplicate');
    expect(before.count()).toBe(0);
    before[Symbol.dispose]();

    const after = openLedger();
    const waiting = { messages: 2, bytes: second.wire.length + fourth.wire.length };
    expect(after.waiting()).toEqual(waiting);
    expect(await after.append(first, 5)).toBe('appended');
    expect(after.lengthOf(first.author)).toBe(2);
    expect(await after.append(third, 6)).toBe('appended');
    expect([...after.rows(0)].map(({ wire }) => wire)).toEqual(
      [first, second, third, fourth].map(({ wire }) => wire),
    );
    expect(after.waiting()).toEqual({ messages: 0, bytes: 0 });
  });

  test('two at one sequence wait both, and are the proof of a fork when they come', async () => {
    const ledger = openLedger();
    const author = new Author('example-lab', FEDERATION);
    const first = author.say(KIND, { n: 0 });
    const branches = [1, 2, 3].map((n) => author.branch(KIND, { n })) as [Message, Message, Message];
    const results = [];
    for (const message of branches) results.push(await ledger.append(message, 1));
    expect(results).toEqual(['pending', 'pending', 'surplus']);
    await ledger.append(first, 1);
    expect(ledger.headOf(first.author)).toMatchObject({ length: 2, fork: 1, head: branches[0].id });
  });

  test('are bounded for each author; those nearest to the gap stay', async () => {
    const ledger = openLedger();
    const messages = feed(PENDING_LIMIT + 3);
    const late = messages.slice(2, PENDING_LIMIT + 2);
    await Promise.all(late.map((message) => ledger.append(message, 1)));
    expect(ledger.waiting().messages).toBe(PENDING_LIMIT);
    expect(await ledger.append(messages.at(-1) as Message, 1)).toBe('pending-full');
    expect(await ledger.append(messages[1], 1)).toBe('pending');
    expect(ledger.waiting().messages).toBe(PENDING_LIMIT);
    const [other] = feed(2, 'example-academy').slice(1) as [Message];
    expect(await ledger.append(other, 1)).toBe('pending');
    await ledger.append(messages[0], 1);
    expect(ledger.lengthOf(messages[0].author)).toBe(PENDING_LIMIT + 1);
  });

  test('are bounded in bytes', async () => {
    const ledger = openLedger();
    const author = new Author('example-lab', FEDERATION);
    const padding = 'x'.repeat(60_000);
    const large = Array.from({ length: 80 }, (_, n) => author.say(KIND, { n, padding }));
    const results = [];
    for (const message of large.slice(1)) results.push(await ledger.append(message, 1));
    expect(ledger.waiting().bytes).toBeLessThanOrEqual(PENDING_LIMIT_BYTES);
    expect(results.filter((result) => result === 'pending-full').length).toBeGreaterThan(0);
  });
});

describe('signed heads', () => {
  test('are kept, the newer in place of the older, and survive', () => {
    const before = openLedger();
    const signer = signerOf('example-lab');
    const head = (size: number) =>
      signHead(FEDERATION, { size, root: new Uint8Array(32).fill(size) }, signer);
    before.keepHead(head(1));
    before.keepHead(head(2));
    before[Symbol.dispose]();
    const after = openLedger();
    expect(after.signedHead(head(2).author)).toEqual(plainBytes(head(2)));
    expect(after.lengthOf(head(2).author)).toBe(0);
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
    expect(() => new Ledger(path)).toThrow(expect.objectContaining({ code: 'ledger-damaged' }));
  });

  test.each([
    ['one whose last page is torn', PAGE_BYTES / 2],
    ['one whose last pages are gone', 3 * PAGE_BYTES],
  ])('%s', async (_, missing) => {
    const ledger = openLedger();
    await Promise.all(feed(500).map((message) => ledger.append(message, 1)));
    ledger[Symbol.dispose]();
    const { size } = await stat(path);
    await truncate(path, size - missing);
    // what a process that ended without closing leaves
    await writeFile(`${path}-wal`, '');
    expect(() => [...new Ledger(path).rows(0)]).toThrow(expect.objectContaining({ code: 'ledger-damaged' }));
  });

  test('a torn end of the write-ahead log costs only what it had not promised', async () => {
    const messages = feed(50);
    const ledger = openLedger();
    for (const message of messages) await ledger.append(message, 1);
    const copy = join(await freshFolder(), 'ledger.sqlite');
    await copyFile(path, copy);
    await copyFile(`${path}-wal`, `${copy}-wal`);
    await truncate(`${copy}-wal`, (await stat(`${copy}-wal`)).size - 100);
    using torn = new Ledger(copy);
    expect(torn.count()).toBe(49);
    expect(torn.lengthOf(messages[0].author)).toBe(49);
  });

  test('one of an older version, which stays as it was', async () => {
    openLedger()[Symbol.dispose]();
    writeVersion(1);
    expect(() => new Ledger(path)).toThrow(expect.objectContaining({ code: 'ledger-failed' }));
    expect(() => new Ledger(path)).toThrow(expect.objectContaining({ code: 'ledger-failed' }));
  });

  test('one of a newer version, which stays as it was', async () => {
    openLedger()[Symbol.dispose]();
    writeVersion(99);
    expect(() => new Ledger(path)).toThrow(expect.objectContaining({ code: 'ledger-failed' }));
    writeVersion(SCHEMA_VERSION);
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
  return messages.map(plain) as [Message, Message, ...Message[]];
}

/** The encoder gives a Buffer, the ledger plain bytes. */
function plain(message: Message): Message {
  return { ...message, wire: Uint8Array.from(message.wire) };
}

/** The same payload under another signature, as a dishonest author can make one. */
function signedOtherwise(message: Message): Message {
  const payload = message.wire.slice(3, -66);
  return { ...message, wire: Uint8Array.from(encode([payload, new Uint8Array(64).fill(7)])) };
}

function plainBytes({ root, signature, ...head }: Head) {
  return { ...head, root: Uint8Array.from(root), signature: Uint8Array.from(signature) };
}

function byAuthor(ledger: Ledger) {
  return [...ledger.heads()].sort((a, b) => (a.author < b.author ? -1 : 1));
}

function writeVersion(version: number): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}
