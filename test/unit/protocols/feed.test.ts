import { describe, expect, it } from 'vitest';
import type { MemberKey, MessageId } from '../../../protocols/base/ids.ts';
import { leafHash, MerkleTree } from '../../../protocols/feed/index.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { HeldFeed } from '../../../protocols/record/index.ts';
import { Author, charterOf } from '../../support/federation.ts';

const federation = charterOf().id;

function chain(length: number, name = 'example-lab') {
  const author = new Author(name, federation);
  return Array.from({ length }, (_, i) => author.say('note/1', { i }));
}

/** `length` messages, and a second one at `at`. */
function forked(length: number, at: number) {
  const author = new Author('example-lab', federation);
  const messages: Message[] = [];
  let sibling: Message | undefined;
  for (let i = 0; i < length; i++) {
    if (i === at) sibling = author.branch('note/1', { other: i });
    messages.push(author.say('note/1', { i }));
  }
  return { messages, sibling: sibling as Message };
}

function fill(messages: readonly Message[]): HeldFeed {
  const feed = new HeldFeed('did:key:any' as MemberKey);
  for (const message of messages) feed.add(message);
  return feed;
}

/** Sequences that count, and where the feed stops. */
const state = (feed: HeldFeed) => [feed.ids.slice(0, feed.sound).length, feed.stop] as const;
const sequences = (messages: readonly { readonly sequence: number }[] | undefined) =>
  (messages ?? []).map(({ sequence }) => sequence);

/** Signed once more, otherwise: what a careless or a lying author would do. */
function signedAgain(message: Message): Message {
  const wire = Uint8Array.from(message.wire); // the slice of a Buffer is a view
  wire[wire.length - 1] = (wire.at(-1) as number) ^ 1;
  return { ...message, wire };
}

describe('HeldFeed', () => {
  it('counts a chain in any order', () => {
    const messages = chain(5);
    for (const order of [messages, messages.toReversed()]) expect(state(fill(order))).toEqual([5, null]);
  });

  it('has the tree of the bytes that came', () => {
    const messages = chain(7);
    const tree = new MerkleTree();
    for (const { wire } of messages) tree.append(leafHash(wire));
    expect(fill(messages.toReversed()).tree.root()).toEqual(tree.root());
  });

  it('waits at a gap, and takes up what waited', () => {
    const [a, b, c, d] = chain(4) as [Message, Message, Message, Message];
    const feed = fill([a, c, d]);
    expect(state(feed)).toEqual([1, null]);
    expect(sequences(feed.add(b)?.appended)).toEqual([1, 2, 3]);
  });

  it('stops at a fork, and says what no longer counts', () => {
    const { messages, sibling } = forked(4, 2);
    const feed = fill(messages);
    const change = feed.add(sibling);
    expect(sequences(change?.removed)).toEqual([2, 3]);
    expect(state(feed)).toEqual([2, { at: 2, reason: 'fork' }]);
    expect(feed.tree.size).toBe(2);
    expect(new Set(feed.fork?.messages)).toEqual(new Set([messages[2]?.id, sibling.id] as MessageId[]));
  });

  it('stops at a fork behind a gap', () => {
    const { messages, sibling } = forked(4, 2);
    const feed = fill([messages[0] as Message, messages[2] as Message, sibling]);
    expect(state(feed)).toEqual([1, { at: 2, reason: 'fork' }]);
    expect(sequences(feed.add(messages[1] as Message)?.appended)).toEqual([1]);
    expect(state(feed)).toEqual([2, { at: 2, reason: 'fork' }]);
  });

  it('stops where one payload is signed twice, otherwise', () => {
    const messages = chain(3);
    for (const at of [0, 1, 2]) {
      const again = signedAgain(messages[at] as Message);
      for (const order of [
        [...messages, again],
        [again, ...messages],
      ])
        expect(state(fill(order))).toEqual([at, { at, reason: 'fork' }]);
    }
  });

  it('is stopped by the first of two forks, whichever is found first', () => {
    const author = new Author('example-lab', federation);
    const messages: Message[] = [];
    for (let i = 0; i < 5; i++) {
      if (i === 1 || i === 3) messages.push(author.branch('note/1', { other: i }));
      messages.push(author.say('note/1', { i }));
    }
    for (const order of [messages, messages.toReversed()])
      expect(fill(order).stop).toEqual({ at: 1, reason: 'fork' });
  });

  it('takes nothing more at a fork that is proven, or after it', () => {
    const { messages, sibling } = forked(3, 0);
    const third = new Author('example-lab', federation).say('note/1', { third: true });
    const feed = fill([...messages, sibling]);
    for (const message of [third, sibling, ...messages]) expect(feed.add(message)).toBeNull();
    expect(feed.length).toBe(0);
  });

  it('stops at a message that names another one before it, and keeps its leaf', () => {
    const mine = chain(1);
    const author = new Author('example-lab', federation);
    author.say('note/1', { other: 0 });
    const stranger = author.say('note/1', { i: 1 });
    for (const order of [
      [...mine, stranger],
      [stranger, ...mine],
    ]) {
      const feed = fill(order);
      expect(state(feed)).toEqual([1, { at: 1, reason: 'broken-chain' }]);
      expect(feed.tree.size).toBe(2);
    }
  });

  it('calls a broken chain a fork once the right message comes too', () => {
    const [first, second] = chain(2) as [Message, Message];
    const author = new Author('example-lab', federation);
    author.say('note/1', { other: 0 });
    const stranger = author.say('note/1', { i: 1 });
    for (const order of [
      [first, stranger, second],
      [second, stranger, first],
      [stranger, first, second],
    ])
      expect(fill(order).stop).toEqual({ at: 1, reason: 'fork' });
  });

  it('knows a message again', () => {
    const messages = chain(3);
    const feed = fill(messages);
    for (const message of messages) expect(feed.add(message)).toBeNull();
  });

  it('puts in doubt what two heads contradict, whatever else is known', () => {
    const { messages, sibling } = forked(4, 2);
    const feed = fill(messages);
    feed.provenAt = 3;
    expect(state(feed)).toEqual([3, { at: 3, reason: 'fork' }]);
    feed.add(sibling);
    expect(state(feed)).toEqual([2, { at: 2, reason: 'fork' }]);
  });
});
