import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Inbox } from '../../../services/network/index.ts';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { TestNode, type TestNodeOptions } from '../../support/network-node.ts';
import { TestLedger } from '../../support/test-ledger.ts';
import { until } from '../../support/until.ts';

describe('messages over two transports', () => {
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

  const onNats = (node: TestNode) => node.network.peers().some((peer) => peer.transport === 'nats');
  const meshed = (node: TestNode, count: number) =>
    node.host !== null && node.host.gossip.getMeshPeers(node.host.topic).length >= count;

  it('hands a message that arrives by both to the inbox once', async () => {
    const ledger = new TestLedger();
    const bothCame = Promise.withResolvers<void>();
    // once it has decided, b gossips the message itself, and gossipsub no longer shows it the other copy
    const inbox: Inbox = {
      accept: async (wire, from) => {
        await bothCame.promise;
        return ledger.accept(wire, from);
      },
    };
    const a = await start({ name: 'a', libp2p: {}, natsUrl: server.url });
    const b = await start({
      name: 'b',
      libp2p: { dial: a.addresses },
      natsUrl: server.url,
      ledger,
      options: { inbox },
    });
    await until(() => meshed(a, 1) && meshed(b, 1) && onNats(a) && onNats(b));
    const message = await a.say();
    await until(() => b.network.counters.get('duplicate') >= 1, { what: 'the second copy' });
    expect(ledger.handed.size).toBe(0);
    bothCame.resolve();
    await ledger.holds(message);
    expect([...b.ledger.handed.values()]).toEqual([1]);
    expect(b.network.counters.get('received_accept')).toBe(1);
    // its own message came back over NATS and was not judged
    expect(a.ledger.handed.size).toBe(0);
  });

  it('carries messages between a node on NATS alone and one on libp2p alone through one on both', async () => {
    // sync has nothing to show, so that what comes was carried
    const options = { source: new TestLedger() };
    const bridge = await start({ name: 'bridge', libp2p: {}, natsUrl: server.url, options });
    const gossip = await start({ name: 'gossip', libp2p: { dial: bridge.addresses }, options });
    const nats = await start({ name: 'nats', natsUrl: server.url, options });
    await until(() => meshed(bridge, 1) && meshed(gossip, 1) && onNats(bridge) && onNats(nats));
    const fromNats = await nats.say();
    const fromGossip = await gossip.say();
    await gossip.ledger.holds(fromNats);
    await nats.ledger.holds(fromGossip);
  });

  it('goes on over libp2p while the server is away, and tells NATS when it is back', async () => {
    const bridge = await start({ name: 'bridge', libp2p: {}, natsUrl: server.url });
    const gossip = await start({ name: 'gossip', libp2p: { dial: bridge.addresses } });
    const nats = await start({ name: 'nats', natsUrl: server.url });
    await until(() => meshed(bridge, 1) && meshed(gossip, 1) && onNats(bridge) && onNats(nats));
    await server.kill();
    const meanwhile = await gossip.say();
    await bridge.ledger.holds(meanwhile);
    await server.restart();
    await nats.ledger.holds(meanwhile);
  });

  it('recovers when the server comes back with an empty disk', async () => {
    const a = await start({ name: 'a', natsUrl: server.url });
    const b = await start({ name: 'b', natsUrl: server.url });
    await until(() => onNats(a) && onNats(b));
    const before = await a.say();
    await b.ledger.holds(before);
    await server.restartEmpty();
    const after = await a.say();
    await b.ledger.holds(after);
  });

  it('starts without the server when libp2p is there, and connects when it comes', async () => {
    await server.kill();
    const bridge = await start({ name: 'bridge', libp2p: {}, natsUrl: server.url });
    await server.restart();
    const nats = await start({ name: 'nats', natsUrl: server.url });
    await until(() => onNats(bridge) && onNats(nats));
    const message = await nats.say();
    await bridge.ledger.holds(message);
  });

  it('says so at once when NATS is all it has and the server is away', async () => {
    await server.kill();
    await expect(TestNode.start({ name: 'a', natsUrl: server.url })).rejects.toMatchObject({
      code: 'nats-unreachable',
    });
  });
});
