import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, describe, expect, it } from 'vitest';
import { MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import { BlobServer } from '../../../services/checkpoints/index.ts';
import { type Inbox, Libp2pHost, Libp2pTransport, MemoryHub } from '../../../services/network/index.ts';
import { GRAYLIST_SCORE } from '../../../services/network/libp2p/gossip.ts';
import { parseRequest } from '../../../services/network/sync/protocol.ts';
import { FEDERATION, memberOf, seedOf } from '../../support/media.ts';
import { TestNode, type TestNodeOptions } from '../../support/network-node.ts';
import { feedMessage, TestLedger } from '../../support/test-ledger.ts';
import { until } from '../../support/until.ts';
import { outgoing, Recorder } from '../../support/wire-node.ts';

const { signal } = new AbortController();
/** Gossip with the inbox at once, and waiting for it. relay/network.ts */
const QUEUE = { atWork: 384, waiting: 512 };
/** A list of one head as a peer sends it, but for these fields. */
const headsOf = (fields: object) => encode([{ head: null, fork: null, signed: null, ...fields }]);

describe('hostile peers', () => {
  const owned: AsyncDisposable[] = [];
  const own = <T extends AsyncDisposable>(thing: T): T => {
    owned.push(thing);
    return thing;
  };
  const start = async (options: TestNodeOptions) => own(await TestNode.start(options));
  afterEach(async () => {
    for (const thing of owned.splice(0).reverse()) await thing[Symbol.asyncDispose]();
  });

  /** A bare transport that does as its recorder is told. */
  const rogue = async (name: string, dial: readonly string[]) => {
    const host = own(
      await Libp2pHost.start({ seed: seedOf(name), federation: FEDERATION, admits: () => true }, { signal }),
    );
    const transport = own(new Libp2pTransport(host));
    const recorder = new Recorder();
    await transport.start(recorder, { signal });
    host.connect(dial);
    return { host, transport, recorder };
  };

  it('refuses the connection of a stranger, inbound and outbound', async () => {
    const known = memberOf('friend');
    const a = await start({ name: 'a', libp2p: { admits: (key) => key === known } });
    const stranger = await rogue('stranger', a.addresses);
    await until(() => (a.host?.refusedConnections ?? 0) > 0, { what: 'the refusal' });
    await until(() => !stranger.host.isConnected(a.host?.peerId ?? ''));
    expect(a.network.peers()).toEqual([]);
    a.host?.connect(stranger.host.addresses());
    const friend = await rogue('friend', a.addresses);
    await until(() => a.host?.isConnected(friend.host.peerId) ?? false);
    expect(a.network.peers().map((peer) => peer.id)).toEqual([friend.host.peerId]);
  });

  it.each(['/oversight/sync/1', '/oversight/blob/1', '/meshsub/1.1.0', '/ipfs/id/1.0.0', '/ipfs/ping/1.0.0'])(
    'gives a stranger nothing on %s',
    async (protocol) => {
      const store = { hasBlock: async () => true, block: async () => new Uint8Array(8) };
      const a = await start({ name: 'a', libp2p: { admits: (key) => key === memberOf('friend') } });
      own(await BlobServer.start(a.host as Libp2pHost, store));
      // its own software: nothing of ours holds it back
      const dialler = async (name: string) => {
        const node = await createLibp2p({
          privateKey: await generateKeyPairFromSeed('Ed25519', seedOf(name)),
          transports: [tcp()],
          connectionEncrypters: [noise()],
          streamMuxers: [yamux()],
        });
        own({ [Symbol.asyncDispose]: async () => void (await node.stop()) });
        return node;
      };
      const [address] = a.addresses.map((each) => multiaddr(each));
      const friend = await dialler('friend');
      const opened = await friend.dialProtocol(address as Multiaddr, protocol);
      expect(opened.protocol).toBe(protocol);
      const stranger = await dialler('stranger');
      await expect(stranger.dialProtocol(address as Multiaddr, protocol)).rejects.toThrow();
      expect(a.host?.refusedConnections).toBeGreaterThan(0);
      expect(a.network.peers()).toHaveLength(1);
      expect(a.network.counters.get('sync_served')).toBe(0);
    },
  );

  it('closes the connection of a member that the charter no longer names', async () => {
    const admitted = new Set<string>([memberOf('b')]);
    const a = await start({
      name: 'a',
      libp2p: { admits: (key) => admitted.has(key) },
    });
    const b = await rogue('b', a.addresses);
    await until(() => a.host?.isConnected(b.host.peerId) ?? false);
    admitted.clear();
    await a.host?.enforceAdmission();
    await until(() => !(a.host?.isConnected(b.host.peerId) ?? true));
  });

  it.each([
    { id: 'not CBOR', frame: new Uint8Array([0xff, 0xff]) },
    { id: 'not heads', frame: encode({ hello: 'world' }) },
    { id: 'a bad author', frame: headsOf({ author: '*.>', length: 1 }) },
    { id: 'a negative length', frame: headsOf({ author: memberOf('x'), length: -1 }) },
    { id: 'a field too many', frame: headsOf({ author: memberOf('x'), length: 1, more: 1 }) },
  ])(
    'counts a peer that answers heads with $id, drops it at last, and still hears the others',
    async ({ frame }) => {
      const a = await start({ name: 'a', libp2p: {}, options: { syncIntervalMs: 50 } });
      const bad = await rogue('bad', a.addresses);
      bad.recorder.answer = async function* () {
        yield frame;
      };
      const good = await start({ name: 'good', libp2p: { dial: a.addresses } });
      const kept = good.ledger.store(feedMessage('good', 0));
      await until(() => a.network.counters.get('blocked') === 1, { what: 'the block' });
      expect(a.network.counters.get('sync_garbage')).toBeGreaterThanOrEqual(3);
      await until(() => !(a.host?.isConnected(bad.host.peerId) ?? true));
      await a.ledger.holds(kept);
    },
  );

  it('leaves a peer that promises messages it does not have, or never answers', async () => {
    const a = await start({ name: 'a', libp2p: {}, options: { syncIntervalMs: 50 } });
    const liar = await rogue('liar', a.addresses);
    let ranges = 0;
    liar.recorder.answer = async function* (frame) {
      const request = parseRequest(frame);
      if (request.ok && request.value.op === 'heads')
        yield headsOf({ author: memberOf('ghost'), length: 1_000_000_000 });
      if (request.ok && request.value.op === 'range') ranges += 1;
    };
    const mute = await rogue('mute', a.addresses);
    mute.recorder.answer = async function* () {
      await new Promise(() => {});
    };
    const good = await start({ name: 'good', libp2p: { dial: a.addresses } });
    const kept = good.ledger.store(feedMessage('good', 0));
    await a.ledger.holds(kept);
    await until(() => ranges > 0, { what: 'a try at what was promised' });
    expect(a.ledger.size).toBe(1);
  });

  it('refuses a message over the limit that a peer pushes into the topic', async () => {
    const a = await start({ name: 'a', libp2p: {} });
    const bad = await rogue('bad', a.addresses);
    await until(() => bad.host.gossip.getMeshPeers(bad.host.topic).length > 0);
    await bad.host.gossip.publish(bad.host.topic, new Uint8Array(MESSAGE_LIMIT_BYTES + 1));
    await until(() => a.network.counters.get('refused_oversize') === 1);
    expect(a.ledger.handed.size).toBe(0);
  });

  it('cuts off a peer that floods, and counts it', async () => {
    const hub = new MemoryHub({ mesh: false });
    for (const name of ['flood', 'polite']) hub.link(memberOf('a'), memberOf(name));
    const a = await start({
      name: 'a',
      extra: [hub.join(memberOf('a'))],
      options: { messageRate: { perSecond: 1, burst: 50 }, clock: () => 0 },
    });
    const flood = own(hub.join(memberOf('flood')));
    await flood.start(new Recorder(), { signal });
    const polite = own(hub.join(memberOf('polite')));
    await polite.start(new Recorder(), { signal });
    for (let i = 0; i < 5_200; i++) await flood.publish(feedMessage('flood', i), { signal });
    await until(() => a.network.counters.get('blocked') === 1, { what: 'the block' });
    expect(a.network.counters.get('refused_rate')).toBeGreaterThan(4_900);
    const message = feedMessage('polite', 0);
    await polite.publish(message, { signal });
    await a.ledger.holds(message);
  });

  it('keeps a line for each sender: a flood waits behind itself, and what is too much of it is given up', async () => {
    const gate = Promise.withResolvers<void>();
    const ledger = new TestLedger();
    const order: string[] = [];
    const inbox: Inbox = {
      accept: async (wire, from) => {
        await gate.promise;
        order.push(from.id);
        return ledger.accept(wire, from);
      },
    };
    const messageRate = { perSecond: 1_000_000, burst: 1_000_000 };
    const a = await start({ name: 'a', libp2p: {}, ledger, options: { inbox, messageRate } });
    const flood = await rogue('flood', a.addresses);
    const polite = await rogue('polite', a.addresses);
    const near = ({ host }: { host: Libp2pHost }) => host.gossip.getMeshPeers(host.topic).length > 0;
    await until(() => near(flood) && near(polite));
    const flooding = 2_000;
    const surplus = flooding - QUEUE.atWork - QUEUE.waiting;
    const shed = () => a.network.counters.get('shed_queue_full');
    for (let i = 0; i < flooding; i++) await flood.transport.publish(feedMessage('flood', i), { signal });
    await until(() => shed() === surplus, { what: 'all of the flood queued or given up' });
    const said = Array.from({ length: 5 }, (_, i) => feedMessage('polite', i));
    for (const message of said) await polite.transport.publish(message, { signal });
    const waiting = () => a.network.depths()['gossip_waiting'] ?? 0;
    await until(() => shed() === surplus + said.length, { what: 'one given up for each of the others' });
    expect(waiting()).toBe(QUEUE.waiting);
    gate.resolve();
    await a.ledger.holds(...said);
    await until(() => waiting() === 0);
    // one of the flood and one of the other in turn, once those that were at work are done
    const politely = order.flatMap((id, i) => (id === polite.host.peerId ? [i] : []));
    expect(politely).toHaveLength(said.length);
    expect(Math.max(...politely)).toBeLessThan(QUEUE.atWork + 3 * said.length);
  });

  it('blocks a peer that goes on sending what is rejected', async () => {
    const a = await start({ name: 'a', libp2p: {} });
    const bad = await rogue('bad', a.addresses);
    await until(() => bad.host.gossip.getMeshPeers(bad.host.topic).length > 0);
    // gossipsub stops listening to the peer by its score, or the network blocks it: either way nothing more is judged
    for (let i = 0; i < 200; i++) await bad.transport.publish(outgoing(`junk ${i}`), { signal });
    await until(() => a.network.counters.get('received_reject') >= 5);
    const cutOff = () =>
      a.network.counters.get('blocked') > 0 ||
      (a.host?.gossip.getScore(bad.host.peerId) ?? 0) < GRAYLIST_SCORE;
    await until(cutOff, { what: 'block or graylist' });
    expect(a.ledger.size).toBe(0);
  });
});
