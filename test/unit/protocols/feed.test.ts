import { describe, expect, it } from 'vitest';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { Feed } from '../../../protocols/record/index.ts';
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

function fill(messages: readonly Message[]): Feed {
  const feed = new Feed('did:key:any' as MemberKey);
  for (const message of messages) feed.add(message);
  return feed;
}

const sequences = (messages: readonly Message[]) => messages.map((message) => message.sequence);

describe('Feed', () => {
  it('counts a chain in any order', () => {
    const messages = chain(5);
    for (const order of [messages, messages.toReversed()]) {
      const feed = fill(order);
      expect([sequences(feed.counted), feed.stop]).toEqual([[0, 1, 2, 3, 4], null]);
    }
  });

  it('waits at a gap, and takes up what waited', () => {
    const [a, b, c, d] = chain(4) as [Message, Message, Message, Message];
    const feed = fill([a, c, d]);
    expect([sequences(feed.counted), feed.stop]).toEqual([[0], null]);
    expect(sequences(feed.add(b)?.counted ?? [])).toEqual([1, 2, 3]);
  });

  it('stops at a fork, and says what no longer counts', () => {
    const { messages, sibling } = forked(4, 2);
    const feed = fill(messages);
    const change = feed.add(sibling);
    expect(sequences(change?.voided ?? [])).toEqual([2, 3]);
    expect([sequences(feed.counted), feed.stop]).toEqual([[0, 1], { at: 2, reason: 'fork' }]);
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

  it('takes nothing more at a fork that is proven', () => {
    const { messages, sibling } = forked(1, 0);
    const third = new Author('example-lab', federation).say('note/1', { third: true });
    const feed = fill([...messages, sibling]);
    expect(feed.add(third)).toBeNull();
    expect(feed.add(sibling)).toBeNull();
    expect(feed.counted).toEqual([]);
  });

  it('stops at a message that names another one before it', () => {
    const mine = chain(1);
    const author = new Author('example-lab', federation);
    author.say('note/1', { other: 0 });
    const stranger = author.say('note/1', { i: 1 });
    expect(fill([...mine, stranger]).stop).toEqual({ at: 1, reason: 'broken-chain' });
    expect(fill([stranger, ...mine]).stop).toEqual({ at: 1, reason: 'broken-chain' });
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
});
