import { afterEach, expect, test } from 'vitest';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { PeerGarbage } from '../../../services/network/sync/ask.ts';
import { BusyPeer } from '../../support/busy-peer.ts';
import { charterOf, MEMBER_NAMES, type MemberName, signerOf } from '../../support/federation.ts';
import { FeedNode, feedOf, withSignature } from '../../support/feed-node.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { pickBelow, randomFrom, testSeed } from '../../support/seed.ts';

const ROUNDS = 20;
const LONGEST = 60;
const charter = charterOf();
const nodes: FeedNode[] = [];

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node[Symbol.asyncDispose]()));
});

/** One feed as the peer has it, and as we do. */
interface Held {
  readonly name: MemberName;
  readonly author: MemberKey;
  readonly theirs: readonly Message[];
  readonly ours: readonly Message[];
  /** Where the two are no longer one chain; null where ours is the beginning of theirs. */
  readonly fork: number | null;
  /** Messages under the head that the peer shows; null for none. */
  readonly signed: number | null;
  /** Where the peer has a message that its author has not signed; null for nowhere. */
  readonly forged: number | null;
}

const seed = testSeed();
test.each(Array.from({ length: ROUNDS }, (_, i) => seed + i))(
  'whatever comes late, short or by gossip meanwhile: TEST_SEED=%i',
  async (round) => {
    const random = randomFrom(round);
    const names = MEMBER_NAMES.filter(() => random() < 0.8);
    const feeds = names.map((name) => heldOf(name, random));
    const [peer, node] = await nodesOf(feeds);
    const busy = new BusyPeer(peer, random);
    const isHonest = feeds.every(({ forged }) => forged === null);
    const [failure] = await Promise.all([
      fetchFrom(busy, node).then(
        () => null,
        (error: unknown) => error,
      ),
      gossip(feeds, node, random),
    ]);
    expect(busy.mostAsked).toBeLessThanOrEqual(2);
    if (isHonest) expect(failure).toBeNull();
    if (failure !== null) expect(failure).toBeInstanceOf(PeerGarbage);
    for (const { author, theirs, ours, fork, forged } of feeds) {
      const length = node.length(author);
      expect(length).toBeGreaterThanOrEqual(ours.length);
      if (forged !== null) expect(length).toBeLessThanOrEqual(forged);
      if (failure !== null) continue;
      expect(node.ledger.headOf(author)?.fork ?? null).toBe(fork);
      if (forged === null && fork === null) expect(length).toBe(theirs.length);
    }
    if (!isHonest) return;
    // what the peer learns in turn makes the two records one
    await fetchFrom(new BusyPeer(node, random), peer);
    expect(peer.digest()).toBe(node.digest());
  },
);

test.each(Array.from({ length: ROUNDS }, (_, i) => seed + i))(
  'two that ask one another at once agree, at the latest when each has asked once more: TEST_SEED=%i',
  async (round) => {
    const random = randomFrom(round);
    const feeds = MEMBER_NAMES.map((name) => ({ ...heldOf(name, random), forged: null }));
    const [peer, node] = await nodesOf(feeds);
    const bothAsk = () =>
      Promise.all([fetchFrom(new BusyPeer(peer, random), node), fetchFrom(new BusyPeer(node, random), peer)]);
    await Promise.all([bothAsk(), gossip(feeds, node, random)]);
    await bothAsk();
    for (const { author, fork } of feeds) {
      for (const each of [peer, node]) expect(each.ledger.headOf(author)?.fork ?? null).toBe(fork);
    }
    expect(peer.digest()).toBe(node.digest());
  },
);

async function freshNode(): Promise<FeedNode> {
  const made = new FeedNode(await freshFolder(), charter, []);
  nodes.push(made);
  return made;
}

/** The peer and the node, holding what each has of these feeds. */
async function nodesOf(feeds: readonly Held[]): Promise<[FeedNode, FeedNode]> {
  const [peer, node] = [await freshNode(), await freshNode()];
  for (const { name, theirs, ours, signed, forged } of feeds) {
    await peer.hold(theirs.map((message, n) => (n === forged ? withSignature(message, 7) : message)));
    await node.hold(ours);
    if (signed !== null) peer.holdHead(name, theirs.slice(0, signed));
  }
  return [peer, node];
}

function heldOf(name: MemberName, random: () => number): Held {
  const length = pickBelow(random, LONGEST);
  const theirs = chain(name, length, null);
  const held = pickBelow(random, length + 1);
  const parts = length > 0 && random() < 0.2 ? pickBelow(random, length) : null;
  const ours = parts === null ? theirs.slice(0, held) : chain(name, parts + 1 + pickBelow(random, 20), parts);
  const signed = length > 0 && random() < 0.7 ? 1 + pickBelow(random, length) : null;
  const isForged = parts === null && held < length && random() < 0.2;
  const forged = isForged ? held + pickBelow(random, length - held) : null;
  return { name, author: memberKey(signerOf(name).publicKey), theirs, ours, fork: parts, signed, forged };
}

/** The first messages of a member; from this sequence on, others than it has said elsewhere. */
function chain(name: MemberName, length: number, parts: number | null): Message[] {
  return feedOf(name, charter, length, (n) => (parts !== null && n >= parts ? { n, mark: 'other' } : { n }));
}

function fetchFrom(peer: BusyPeer, node: FeedNode): Promise<void> {
  return node.fetch(peer.request.bind(peer));
}

/** The same messages by another way, while they are fetched. */
async function gossip(feeds: readonly Held[], node: FeedNode, random: () => number): Promise<void> {
  for (let i = 0; i < 30; i++) {
    await new Promise(setImmediate);
    const { author, theirs, forged } = feeds[pickBelow(random, feeds.length)] ?? {};
    const at = author === undefined ? Number.NaN : node.length(author);
    const next = at === forged ? undefined : theirs?.[at];
    if (next !== undefined && random() < 0.5) await node.inbox.accept(next.wire);
  }
}
