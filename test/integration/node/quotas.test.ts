import { afterEach, expect, test } from 'vitest';
import type { Charter } from '../../../protocols/charter/index.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { Libp2pHost, Libp2pTransport } from '../../../services/network/index.ts';
import { charterDocumentOf, charterOf, type MemberName, seedOf } from '../../support/federation.ts';
import { FeedNode, feedOf } from '../../support/feed-node.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { until } from '../../support/until.ts';

const { signal } = new AbortController();
const BURST = 200;
/** In an hour, of which none passes: the clock of these nodes stands still. */
const MESSAGES_PER_HOUR = 60;
const FLOOD = 10 * BURST;
const SAID = 40;
/** Gossip waiting for the inbox and with it. relay/network.ts */
const QUEUE_LIMIT = 384 + 512;

const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const thing of owned.splice(0).reverse()) await thing[Symbol.asyncDispose]();
});

function tightCharter(): Charter {
  const document = charterDocumentOf();
  const quotas = { messagesPerHour: MESSAGES_PER_HOUR, burst: BURST, bytesPerHour: 1_048_576 };
  return charterOf({ ...document, policy: { ...document.policy, quotas } });
}

interface Party {
  readonly node: FeedNode;
  readonly host: Libp2pHost;
  readonly transport: Libp2pTransport;
}

/** A member's node on a host of its own, dialling the addresses. */
async function join(name: MemberName, charter: Charter, dial: readonly string[]): Promise<Party> {
  const host = await Libp2pHost.start(
    { seed: seedOf(name), federation: charter.id, admits: () => true },
    { signal },
  );
  owned.push(host);
  const transport = new Libp2pTransport(host);
  const node = new FeedNode(await freshFolder(), charter, [transport]);
  owned.push(node);
  await node.start();
  host.connect(dial);
  return { node, host, transport };
}

test('one member floods at ten times its quota; everyone hears the other, and nobody stores the flood', async () => {
  const charter = tightCharter();
  const flood = feedOf('example-lab', charter, FLOOD);
  const said = feedOf('example-academy', charter, SAID);
  const author = (messages: readonly Message[]) => (messages[0] as Message).author;
  const relay = await join('verifier-north', charter, []);
  const at = relay.host.addresses();
  const watching = await join('example-regulator', charter, at);
  const flooder = await join('example-lab', charter, at);
  const speaker = await join('example-academy', charter, at);
  const neighbours = ({ host }: Party) => host.gossip.getMeshPeers(host.topic).length;
  await until(() => neighbours(relay) === 3 && [watching, flooder, speaker].every(neighbours), {
    what: 'neighbours in the topic',
  });

  let deepest = 0;
  const look = setInterval(() => {
    const { gossip_waiting: waiting = 0, gossip_at_work: atWork = 0 } = relay.node.network.depths();
    deepest = Math.max(deepest, waiting + atWork);
  }, 1);
  // past the flooder's own queue, which would pace it
  const flooding = Promise.all(
    flood.map(({ wire, ...rest }) => flooder.transport.publish({ ...rest, wire }, { signal })),
  );
  for (const message of said) {
    await speaker.node.ledger.append(message, 1);
    await speaker.node.network.publish(message, { signal });
  }
  await flooding;
  const others = [relay, watching];
  await until(() => others.every(({ node }) => node.length(author(said)) === SAID), {
    what: 'all that was said',
  });
  await until(() => relay.node.network.counters.get('shed_over_quota') > 0);
  clearInterval(look);

  for (const { node } of others) {
    expect(node.length(author(flood))).toBeLessThanOrEqual(BURST);
    expect(node.inbox.quotas.shed().has(author(said))).toBe(false);
    expect(node.ledger.waiting().messages).toBeLessThanOrEqual(BURST);
  }
  expect(relay.node.inbox.quotas.shed().get(author(flood)) ?? 0).toBeGreaterThan(0);
  expect(deepest).toBeLessThanOrEqual(QUEUE_LIMIT);
});

test('a fresh node takes a month’s worth of history at once, and the rest at the pace of the quota', async () => {
  const charter = tightCharter();
  const month = 30 * 24 * MESSAGES_PER_HOUR;
  const history = feedOf('example-lab', charter, 3_000);
  const author = (history[0] as Message).author;
  const old = await join('verifier-north', charter, []);
  await old.node.hold(history);
  old.node.holdHead('example-lab', history);
  const fresh = await join('example-regulator', charter, old.host.addresses());
  await until(() => fresh.node.length(author) === history.length, { what: 'all of it' });
  expect(fresh.node.inbox.quotas.allowance(author)).toBe(month - history.length);
  expect(fresh.node.inbox.quotas.shed().size).toBe(0);
});

test('what is over the allowance is not fetched, and that is counted', async () => {
  const charter = tightCharter();
  const history = feedOf('example-lab', charter, 3_000);
  const author = (history[0] as Message).author;
  const old = await join('verifier-north', charter, []);
  await old.node.hold(history);
  old.node.holdHead('example-lab', history);
  const behind = await join('example-regulator', charter, []);
  // it has heard the author, so nothing is saved up but a burst
  await behind.node.hold(history.slice(0, 10));
  behind.node.inbox.quotas.spend(author, 30 * 24 * MESSAGES_PER_HOUR - BURST, 0);
  behind.host.connect(old.host.addresses());
  await until(() => behind.node.network.counters.get('sync_held_back') > 0, { what: 'the rest held back' });
  expect(behind.node.length(author)).toBe(10 + BURST);
  expect(behind.node.network.counters.get('blocked')).toBe(0);
});
