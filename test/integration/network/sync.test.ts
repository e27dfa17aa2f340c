import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../../services/network/index.ts';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { TestNode, type TestNodeOptions } from '../../support/network-node.ts';
import { feedMessage, TestLedger } from '../../support/test-ledger.ts';
import { until } from '../../support/until.ts';

/** More than one range of the sync protocol. */
const BACKLOG = 1_200;

describe('catching up', () => {
  let server: NatsServer;
  let nodes: TestNode[] = [];
  const start = async (options: TestNodeOptions) => {
    const node = await TestNode.start(options);
    nodes.push(node);
    return node;
  };
  beforeEach(async () => {
    server = await startNatsServer();
    nodes = [];
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    await server[Symbol.asyncDispose]();
  });

  /** Exchanges that have ended, well or not. A peer that comes is asked of itself twice: at once, and after 2 s. */
  const asked = ({ network }: TestNode) =>
    network.counters.get('sync_exchanges') + network.counters.get('sync_failed');
  const WELCOME = 2;

  const backlog = () => {
    const ledger = new TestLedger();
    const messages = Array.from({ length: BACKLOG }, (_, i) => ledger.store(feedMessage('author', i)));
    return { ledger, messages };
  };

  it('over libp2p alone', async () => {
    const { ledger, messages } = backlog();
    const a = await start({ name: 'a', libp2p: {}, ledger });
    const b = await start({ name: 'b', libp2p: { dial: a.addresses } });
    await b.ledger.holds(...messages);
    expect(b.network.counters.get('sync_fetched')).toBe(BACKLOG);
  });

  it('over NATS alone', async () => {
    const { ledger, messages } = backlog();
    await start({ name: 'a', natsUrl: server.url, ledger });
    const b = await start({ name: 'b', natsUrl: server.url });
    await b.ledger.holds(...messages);
    expect(b.network.counters.get('sync_fetched')).toBe(BACKLOG);
  });

  it('fetches only what is missing', async () => {
    const { ledger, messages } = backlog();
    const partial = new TestLedger();
    for (const message of messages.slice(0, BACKLOG - 3)) partial.store(message);
    const a = await start({ name: 'a', libp2p: {}, ledger });
    const b = await start({ name: 'b', libp2p: { dial: a.addresses }, ledger: partial });
    await b.ledger.holds(...messages);
    expect(b.network.counters.get('sync_fetched')).toBe(3);
  });

  it('after it was down, with what was said meanwhile', async () => {
    const a = await start({ name: 'a', libp2p: {} });
    const b = await start({ name: 'b', libp2p: { dial: a.addresses } });
    const first = await a.say();
    await b.ledger.holds(first);
    await b[Symbol.asyncDispose]();
    const missed = [await a.say(), await a.say()];
    const again = await start({ name: 'b', libp2p: { dial: a.addresses }, ledger: b.ledger });
    await again.ledger.holds(first, ...missed);
  });

  it('brings the other branch of a fork, which is the proof of it', async () => {
    const [left, right] = [new TestLedger(), new TestLedger()];
    for (let i = 0; i < 5; i++) {
      left.store(feedMessage('forked', i));
      right.store(feedMessage('forked', i, i < 3 ? undefined : `other ${i}`));
    }
    const a = await start({ name: 'a', libp2p: {}, ledger: left });
    const b = await start({ name: 'b', libp2p: { dial: a.addresses }, ledger: right });
    // where the branches part; what follows there adds nothing
    await a.ledger.holds(feedMessage('forked', 3, 'other 3'));
    await b.ledger.holds(feedMessage('forked', 3));
  });

  it('brings what was said before gossip between two neighbours was set up', async () => {
    const a = await start({ name: 'a', libp2p: {} });
    const said = new Promise<Outgoing>((resolve) => {
      a.network.onPeer(({ connected }) => {
        if (connected) resolve(a.say());
      });
    });
    const b = await start({ name: 'b', libp2p: { dial: a.addresses } });
    await b.ledger.holds(await said);
  });

  it('asks again at the interval, since gossip may lose messages', async () => {
    const a = await start({ name: 'a', libp2p: {} });
    const b = await start({
      name: 'b',
      libp2p: { dial: a.addresses },
      options: { syncIntervalMs: 50 },
    });
    await until(() => asked(b) > WELCOME);
    const unheard = a.ledger.store(feedMessage('a', 0));
    await b.ledger.holds(unheard);
  });

  it('asks at once when told of a gap', async () => {
    const a = await start({ name: 'a', libp2p: {} });
    const b = await start({ name: 'b', libp2p: { dial: a.addresses } });
    await until(() => asked(b) === WELCOME && a.host !== null);
    const unheard = a.ledger.store(feedMessage('a', 0));
    b.network.sync.gap({ transport: 'libp2p', id: a.host?.peerId ?? '' });
    await b.ledger.holds(unheard);
  });
});
