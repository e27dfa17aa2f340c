import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../../protocols/message/index.ts';
import {
  Libp2pHost,
  Libp2pTransport,
  MemoryHub,
  NatsTransport,
  type PeerRef,
  type Transport,
} from '../../../services/network/index.ts';
import { serveSync } from '../../../services/network/sync/serve.ts';
import { Author, charterOf } from '../../support/federation.ts';
import { FeedNode, feedOf, headOf, withSignature } from '../../support/feed-node.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { memberOf, seedOf } from '../../support/media.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import { until } from '../../support/until.ts';

const LAB = 'example-lab';
const ACADEMY = 'example-academy';
const charter = charterOf();

let hub: MemoryHub;
let nodes: FeedNode[];

beforeEach(() => {
  hub = new MemoryHub({ mesh: false });
  nodes = [];
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
});

async function node(name: string, syncIntervalMs?: number): Promise<FeedNode> {
  const made = new FeedNode(await freshFolder(), charter, [hub.join(name)], syncIntervalMs);
  nodes.push(made);
  return made;
}

/** Starts both, links them, and waits until each has asked the other. */
async function meet(a: FeedNode, b: FeedNode): Promise<void> {
  for (const each of [a, b]) await each.start();
  hub.link('a', 'b');
  const asked = (each: FeedNode) => each.network.counters.get('sync_exchanges') > 0;
  await until(() => asked(a) && asked(b), { what: 'an exchange each way', timeoutMs: 20_000 });
}

/** One exchange of one node with another that asks nothing itself. */
async function ask(node: FeedNode, other: FeedNode): Promise<void> {
  const self: PeerRef = { transport: 'memory', id: 'node' };
  await node.fetch((_, request, options) => serveSync(other.feeds, null, request, self, options));
}

describe('a signed head vouches for what it covers', () => {
  test('several feeds in turn, in chunks, with one signature each; the record is the same', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const feeds = { [LAB]: feedOf(LAB, charter, 5_000), [ACADEMY]: feedOf(ACADEMY, charter, 300) } as const;
    for (const name of [LAB, ACADEMY] as const) {
      await a.hold(feeds[name]);
      a.holdHead(name, feeds[name]);
    }
    await meet(a, b);
    expect(b.ledger.count()).toBe(5_300);
    expect(b.network.counters.get('sync_vouched')).toBe(5_300);
    expect(b.network.counters.get('sync_fetched')).toBe(0);
    expect(b.digest()).toBe(a.digest());
    // and can itself show the heads to the next
    expect(b.feeds.heads()).toEqual(expect.arrayContaining([...a.feeds.heads()]));
  });

  test('what follows the head is judged message by message', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const messages = feedOf(LAB, charter, 120);
    await a.hold(messages);
    a.holdHead(LAB, messages.slice(0, 100));
    await meet(a, b);
    expect(b.ledger.count()).toBe(120);
    expect(b.network.counters.get('sync_vouched')).toBe(100);
    expect(b.network.counters.get('sync_fetched')).toBe(20);
  });

  test('a node that was away goes on from where it was', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const messages = feedOf(LAB, charter, 1_000);
    await a.hold(messages);
    a.holdHead(LAB, messages);
    await b.hold(messages.slice(0, 613));
    await meet(a, b);
    expect(b.ledger.count()).toBe(1_000);
    expect(b.network.counters.get('sync_vouched')).toBe(387);
  });

  test('a message put in the place of another is not taken, whatever head stands beside it', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const messages = feedOf(LAB, charter, 50);
    const forged = messages.map((message, n) => (n === 30 ? withSignature(message, 7) : message));
    await a.hold(forged);
    a.holdHead(LAB, messages);
    for (const each of [a, b]) await each.start();
    hub.link('a', 'b');
    await until(() => b.length(messages[0]?.author as Message['author']) === 30, { what: '30 messages' });
    expect(b.network.counters.get('sync_vouched')).toBe(0);
    expect(b.ledger.get((messages[30] as Message).id)).toBeNull();
  });

  test('a head that its author has not signed ends the exchange', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const messages = feedOf(LAB, charter, 5);
    await a.hold(messages);
    a.ledger.keepHead({ ...headOf(LAB, charter, messages), signature: new Uint8Array(64).fill(1) });
    for (const each of [a, b]) await each.start();
    hub.link('a', 'b');
    await until(() => b.network.counters.get('sync_garbage') > 0, { what: 'garbage counted' });
    expect(b.ledger.count()).toBe(0);
  });

  test('a feed of a key that no charter names is not fetched', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const [stranger] = [new Author('stranger', charter.id)];
    await a.hold([stranger.say('something-new/2', {})]);
    await meet(a, b);
    expect(b.ledger.count()).toBe(0);
    expect(b.network.counters.get('sync_stuck')).toBe(0);
  });
});

describe('two logs of one author', () => {
  test.each([
    ['parting early, heads over both', 3, true],
    ['parting at the first message', 0, true],
    ['without heads', 3, false],
  ])('%s: each side gets the proof, and both records say so', async (_, at, signed) => {
    const [a, b] = [await node('a'), await node('b')];
    const [left, right] = branches(at, 40, 25);
    await a.hold(left);
    await b.hold(right);
    if (signed) {
      a.holdHead(LAB, left);
      b.holdHead(LAB, right);
    }
    await meet(a, b);
    for (const each of [a, b]) {
      await until(() => each.ledger.headOf((left[0] as Message).author)?.fork === at, { what: 'the fork' });
    }
    expect(a.digest()).toBe(b.digest());
  });

  test('without heads, where only the shorter one asks: the rest of the other does not hide where they part', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const [left, right] = branches(3, 40, 25);
    await a.hold(left);
    await b.hold(right);
    await ask(b, a);
    expect(b.ledger.headOf((left[0] as Message).author)?.fork).toBe(3);
  });

  test('put together by gossip, up to the same last message: they part all the same', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const [left, right] = branches(3, 40, 25);
    await a.hold(left);
    await b.hold([...right, ...left.slice(25)]);
    await ask(b, a);
    expect(b.ledger.headOf((left[0] as Message).author)?.fork).toBe(3);
  });

  test('do not keep the other feeds from going on, with heads shown by one who knows of no fork', async () => {
    const [a, b] = [await node('a', 50), await node('b', 50)];
    const [left, right] = branches(3, 30, 30);
    await a.hold(left);
    a.holdHead(LAB, left);
    await b.hold(right.slice(0, 4));
    await b.hold(left.slice(3, 4));
    await meet(a, b);
    const said = feedOf(ACADEMY, charter, 3);
    await a.hold(said);
    await until(() => b.length((said[0] as Message).author) === 3, { what: 'the other feed' });
    expect(b.network.counters.get('sync_failed')).toBe(0);
    expect(a.ledger.headOf((left[0] as Message).author)?.fork).toBe(3);
  });

  test('one payload signed in two ways, deep in the feed', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const messages = feedOf(LAB, charter, 60);
    const other = messages.map((message, n) => (n === 17 ? withSignature(message, 9) : message));
    await a.hold(messages);
    await b.hold(other);
    a.holdHead(LAB, messages);
    b.holdHead(LAB, other);
    await meet(a, b);
    // the second signature is no good, so only the node that holds it by our doing has a fork
    expect(a.ledger.headOf((messages[0] as Message).author)?.fork).toBeNull();
    expect(b.ledger.headOf((messages[0] as Message).author)?.fork).toBe(17);
  });

  test('two heads of one size are told', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const [left, right] = branches(10, 20, 20);
    await a.hold(left);
    await b.hold(right);
    a.holdHead(LAB, left);
    b.holdHead(LAB, right);
    await meet(a, b);
    expect(a.forkedHeads.length + b.forkedHeads.length).toBeGreaterThan(0);
  });

  test('the proof travels on to a node that holds neither branch', async () => {
    const [a, b] = [await node('a'), await node('b')];
    const [left, right] = branches(4, 9, 9);
    await a.hold(left);
    await a.hold([right[4] as Message]);
    await meet(a, b);
    expect(b.ledger.headOf((left[0] as Message).author)?.fork).toBe(4);
    expect(b.digest()).toBe(a.digest());
  });
});

test('each feed is fetched from one peer at a time', async () => {
  const [a, b, c] = [await node('a'), await node('b'), await node('c')];
  const messages = feedOf(LAB, charter, 3_000);
  for (const each of [a, b]) {
    await each.hold(messages);
    each.holdHead(LAB, messages);
  }
  for (const each of [a, b, c]) await each.start();
  hub.link('a', 'c');
  hub.link('b', 'c');
  const counts = c.network.counters;
  await until(() => counts.get('sync_exchanges') >= 2 && counts.get('sync_vouched') > 0, {
    what: 'both asked, and an answer taken',
  });
  expect(c.ledger.count()).toBe(3_000);
  expect(counts.get('sync_vouched')).toBe(3_000);
  // each when it comes and once more soon after, and the one that was passed over when the other has ended
  expect(counts.get('sync_exchanges')).toBeLessThanOrEqual(5);
});

describe('on real carriers', () => {
  test.each(['libp2p', 'nats'] as const)(
    '%s: thousands of messages of up to 60 kB come whole',
    async (kind) => {
      await using server = await startNatsServer();
      const messages = feedOf(LAB, charter, 1_500, (n) =>
        n % 100 === 0 ? { n, padding: 'x'.repeat(60_000) } : { n },
      );
      const hosts: Libp2pHost[] = [];
      const carried = async (name: string): Promise<FeedNode> => {
        const made = new FeedNode(await freshFolder(), charter, [
          await carrier(kind, name, server.url, hosts),
        ]);
        nodes.push(made);
        return made;
      };
      try {
        const [a, b] = [await carried('a'), await carried('b')];
        await a.hold(messages);
        a.holdHead(LAB, messages);
        for (const each of [a, b]) await each.start();
        const [first, second] = hosts;
        second?.connect(first?.addresses() ?? []);
        await until(() => b.network.counters.get('sync_vouched') > 0, { what: 'an exchange' });
        expect(b.ledger.count()).toBe(1_500);
        expect(b.network.counters.get('sync_vouched')).toBe(1_500);
        expect(b.digest()).toBe(a.digest());
      } finally {
        await Promise.all(nodes.splice(0).map((each) => each[Symbol.asyncDispose]()));
        await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
      }
    },
  );
});

async function carrier(
  kind: 'libp2p' | 'nats',
  name: string,
  natsUrl: string,
  hosts: Libp2pHost[],
): Promise<Transport> {
  if (kind === 'nats') {
    return new NatsTransport({
      servers: [natsUrl],
      auth: { kind: 'none' },
      federation: charter.id,
      member: memberOf(name),
      admits: () => true,
      whenUnreachable: 'fail',
    });
  }
  const { signal } = new AbortController();
  const host = await Libp2pHost.start(
    { seed: seedOf(name), federation: charter.id, admits: () => true },
    { signal },
  );
  hosts.push(host);
  return new Libp2pTransport(host);
}

/** Two continuations of one feed, which part at this sequence. */
function branches(at: number, leftLength: number, rightLength: number): [Message[], Message[]] {
  const branch = (length: number, mark: string) =>
    feedOf(LAB, charter, length, (n) => (n < at ? { n } : { n, mark }));
  return [branch(leftLength, 'left'), branch(rightLength, 'right')];
}
