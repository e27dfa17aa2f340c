import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { BUNDLE_BLOCK_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { nativeEd25519 } from '../../../services/keys/index.ts';
import { exportBundle } from '../../../services/node/bundle/export.ts';
import { importBundle } from '../../../services/node/bundle/import.ts';
import { exportHome, importHome } from '../../../services/node/index.ts';
import { Author, charterDocumentOf, charterOf } from '../../support/federation.ts';
import { FeedNode, feedOf, headOf } from '../../support/feed-node.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { cardBody } from '../../support/samples.ts';

const LAB = 'example-lab';
const ACADEMY = 'example-academy';
const charter = charterOf();
const { signal } = new AbortController();

let nodes: FeedNode[];
let file: string;

beforeEach(async () => {
  nodes = [];
  file = join(await freshFolder(), 'bundle.car');
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
});

async function node(of = charter): Promise<FeedNode> {
  const made = new FeedNode(await freshFolder(), of, []);
  nodes.push(made);
  return made;
}

function write(
  from: FeedNode,
  choices: { readonly authors?: readonly MemberKey[]; readonly from?: number } = {},
) {
  const authors = choices.authors === undefined ? null : new Set(choices.authors);
  return exportBundle(from.ledger, charter, file, { authors, from: choices.from ?? 0 }, { signal });
}

function read(into: FeedNode) {
  const { ledger, chronicle, inbox, opener } = into;
  const parts = { federation: into.charter.id, ledger, chronicle, inbox, opener, ed25519: nativeEd25519() };
  return importBundle({ ...parts, now: () => 1 }, file, { signal });
}

describe('a whole federation', () => {
  test('comes out with the same record and the same heads', async () => {
    const [a, b] = [await node(), await node()];
    for (const [name, length] of [
      [LAB, 2_500],
      [ACADEMY, 30],
    ] as const) {
      const messages = feedOf(name, charter, length);
      await a.hold(messages);
      a.holdHead(name, messages.slice(0, length - 3));
    }
    const written = await write(a);
    expect(written).toMatchObject({ feeds: 2, messages: 2_530 });
    expect(await read(b)).toEqual({
      root: written.root,
      messages: 2_530,
      added: 2_530,
      strangers: 0,
      unconnected: 0,
    });
    expect(b.digest()).toBe(a.digest());
    expect(b.feeds.heads()).toEqual(expect.arrayContaining([...a.feeds.heads()]));
    expect(await read(b)).toMatchObject({ added: 0 });
  });

  test('the proof of a fork comes along', async () => {
    const [a, b] = [await node(), await node()];
    const author = new Author(LAB, charter.id);
    const [first, left] = [author.say('something-new/2', {}), author.branch('something-new/2', { n: 1 })];
    await a.hold([first, left, author.branch('something-new/2', { n: 2 })]);
    await write(a);
    await read(b);
    expect(b.ledger.headOf(first.author)?.fork).toBe(1);
    expect(b.digest()).toBe(a.digest());
  });

  test('what a node has already is passed over; what contradicts it becomes the proof of a fork', async () => {
    const [a, b, c] = [await node(), await node(), await node()];
    const messages = feedOf(LAB, charter, 50);
    await a.hold(messages);
    a.holdHead(LAB, messages);
    await b.hold(messages.slice(0, 20));
    const other = feedOf(LAB, charter, 30, (n) => (n < 10 ? { n } : { n, other: true }));
    await c.hold(other);
    await write(a);
    expect(await read(b)).toMatchObject({ messages: 50, added: 30 });
    await read(c);
    expect(c.ledger.headOf((messages[0] as Message).author)?.fork).toBe(10);
  });
});

describe('a part', () => {
  test('of one member, then what followed, each with its proof', async () => {
    const [a, b] = [await node(), await node()];
    const messages = feedOf(LAB, charter, 40);
    const author = (messages[0] as Message).author;
    await a.hold([...messages.slice(0, 25), ...feedOf(ACADEMY, charter, 5)]);
    a.holdHead(LAB, messages.slice(0, 25));
    await write(a, { authors: [author] });
    expect(await read(b)).toMatchObject({ messages: 25, added: 25 });
    await a.hold(messages.slice(25));
    a.holdHead(LAB, messages);
    file = `${file}.2`;
    await write(a, { authors: [author], from: 20 });
    expect(await read(b)).toMatchObject({ messages: 20, added: 15, unconnected: 0 });
    expect(b.ledger.count()).toBe(40);
    expect(b.ledger.signedHead(author)?.size).toBe(40);
  });

  test('that begins after what is held is left out, and said so', async () => {
    const [a, b] = [await node(), await node()];
    await a.hold(feedOf(LAB, charter, 40));
    await write(a, { from: 30 });
    expect(await read(b)).toMatchObject({ added: 0, unconnected: 1 });
  });
});

describe('a file that is not to be trusted', () => {
  test('a head that vouches for other messages: each must speak for itself, and the forged one does not', async () => {
    const [a, b] = [await node(), await node()];
    const messages = feedOf(LAB, charter, 20);
    const forged = messages.map((message, n) => (n === 12 ? withSignature(message) : message));
    await a.hold(forged);
    a.ledger.keepHead(headOf(LAB, charter, messages));
    await write(a);
    await read(b);
    expect(b.length((messages[0] as Message).author)).toBe(12);
  });

  test('a head that nobody signed vouches for nothing', async () => {
    const [a, b] = [await node(), await node()];
    const forged = feedOf(LAB, charter, 5).map(withSignature);
    await a.hold(forged);
    a.ledger.keepHead({ ...headOf(LAB, charter, forged), signature: new Uint8Array(64).fill(1) });
    await write(a);
    expect(await read(b)).toMatchObject({ added: 0 });
  });

  test('another federation, whatever its members', async () => {
    const [a, b] = [await node(), await node(charterOf({ ...charterDocumentOf(), name: 'Another' }))];
    await a.hold(feedOf(LAB, charter, 2));
    await write(a);
    await expect(read(b)).rejects.toMatchObject({ code: 'bundle-invalid' });
  });

  test.each([
    ['a byte of a message', (bytes: Uint8Array) => flip(bytes, bytes.length - 30)],
    ['a byte of a link', (bytes: Uint8Array) => flip(bytes, 110)],
    ['the end missing', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['the last message missing', (bytes: Uint8Array) => bytes.subarray(0, -250)],
    ['a block more', (bytes: Uint8Array) => Buffer.concat([bytes, bytes.subarray(59)])],
    ['nothing', () => new Uint8Array()],
    ['text', () => Buffer.from('no bundle at all, however long it may be')],
    ['a length beyond every block', () => Uint8Array.of(0xff, 0xff, 0xff, 0x7f, ...new Uint8Array(64))],
    ['a header of an enormous list', () => Uint8Array.of(9, 0x9b, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)],
  ])('%s', async (_, spoil) => {
    const [a, b] = [await node(), await node()];
    await a.hold(feedOf(LAB, charter, 3));
    await write(a);
    await writeFile(file, spoil(await readFile(file)));
    await expect(read(b)).rejects.toMatchObject({ code: 'bundle-invalid' });
    expect(b.ledger.count()).toBe(0);
  });

  test('never holds more than a block, however large the file says it is', () => {
    expect(BUNDLE_BLOCK_LIMIT_BYTES).toBeLessThanOrEqual(2 * 1_048_576);
  });
});

test('from a running node to a stopped one, as a user does it', async () => {
  const homes = await foundHomes(await freshFolder(), [{ name: LAB }]);
  const live = await LiveNode.start(homes[LAB] as string);
  await live.publish('member-card/1', cardBody('one more'));
  const choices = { authors: [LAB], from: 0 };
  const exported = await exportHome(live.home, file, choices, { signal });
  expect(exported.messages).toBe(live.node.status().messages);
  await expect(exportHome(live.home, file, choices, { signal })).rejects.toMatchObject({
    code: 'argument-invalid',
  });
  await expect(importHome(live.home, file, { signal })).rejects.toMatchObject({ code: 'home-in-use' });
  await live[Symbol.asyncDispose]();
  expect(await importHome(live.home, file, { signal })).toMatchObject({ added: 0 });
});

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[at] = (flipped[at] as number) ^ 1;
  return flipped;
}

function withSignature(message: Message): Message {
  const payload = message.wire.slice(message.wire[1] === 0x58 ? 3 : 4, -66);
  return { ...message, wire: Uint8Array.from(encode([payload, new Uint8Array(64).fill(5)])) };
}
