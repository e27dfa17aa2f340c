import { afterEach, describe, expect, it } from 'vitest';
import { MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import { Libp2pHost, Libp2pTransport, MemoryHub } from '../../../services/network/index.ts';
import { GRAYLIST_SCORE } from '../../../services/network/libp2p/gossip.ts';
import { FEDERATION, memberOf, seedOf } from '../../support/media.ts';
import { TestNode, type TestNodeOptions } from '../../support/network-node.ts';
import { feedMessage } from '../../support/test-ledger.ts';
import { until } from '../../support/until.ts';
import { outgoing, Recorder } from '../../support/wire-node.ts';

const { signal } = new AbortController();

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
    { id: 'a bad author', frame: encode([{ author: '*.>', length: 1, head: null }]) },
    { id: 'a negative length', frame: encode([{ author: memberOf('x'), length: -1, head: null }]) },
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
    liar.recorder.answer = async function* () {
      yield encode([{ author: memberOf('ghost'), length: 1_000_000_000, head: null }]);
    };
    const mute = await rogue('mute', a.addresses);
    mute.recorder.answer = async function* () {
      await new Promise(() => {});
    };
    const good = await start({ name: 'good', libp2p: { dial: a.addresses } });
    const kept = good.ledger.store(feedMessage('good', 0));
    await a.ledger.holds(kept);
    expect(a.ledger.size).toBe(1);
  });

  it('refuses a message over the limit that a peer pushes into the topic', async () => {
    const a = await start({ name: 'a', libp2p: {} });
    const bad = await rogue('bad', a.addresses);
    await until(() => bad.host.gossip.getSubscribers(bad.host.topic).length > 0);
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

  it('blocks a peer that goes on sending what is rejected', async () => {
    const a = await start({ name: 'a', libp2p: {} });
    const bad = await rogue('bad', a.addresses);
    await until(() => bad.host.gossip.getSubscribers(bad.host.topic).length > 0);
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
