import { afterEach, describe, expect, it } from 'vitest';
import { peerIdOf } from '../../../services/network/index.ts';
import { Libp2pHost } from '../../../services/network/libp2p/host.ts';
import { FEDERATION, memberOf, seedOf } from '../../support/media.ts';
import { steadyPort } from '../../support/steady-port.ts';
import { until } from '../../support/until.ts';

const { signal } = new AbortController();
const ECHO = '/test/echo/1';

describe('libp2p host', () => {
  const hosts: Libp2pHost[] = [];
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host[Symbol.asyncDispose]()));
  });
  const start = async (name: string, listen?: readonly string[]) => {
    const host = await Libp2pHost.start(
      { seed: seedOf(name), federation: FEDERATION, admits: () => true, ...(listen ? { listen } : {}) },
      { signal },
    );
    hosts.push(host);
    return host;
  };
  const pair = async () => {
    const [a, b] = [await start('a'), await start('b')];
    b.connect(a.addresses());
    await until(() => a.isConnected(b.peerId) && b.isConnected(a.peerId));
    return [a, b] as const;
  };

  it('has the peer id that follows from its key', async () => {
    const host = await start('a');
    expect(host.peerId).toBe(peerIdOf(memberOf('a')));
    expect(host.addresses()[0]).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3KooW/);
  });

  it('says which port is taken', async () => {
    const port = await steadyPort();
    await start('a', [`/ip4/127.0.0.1/tcp/${port}`]);
    await expect(start('b', [`/ip4/127.0.0.1/tcp/${port}`])).rejects.toMatchObject({
      code: 'port-in-use',
      details: { port },
    });
  });

  it.each([
    ['no multiaddr', 'localhost:4001'],
    ['no peer id', '/ip4/127.0.0.1/tcp/4001'],
  ])('refuses to dial an address with %s', async (_, address) => {
    const host = await start('a');
    expect(() => host.connect([address])).toThrow(expect.objectContaining({ code: 'argument-invalid' }));
  });

  it('finds a peer again that was restarted', async () => {
    const port = await steadyPort();
    const a = await start('a', [`/ip4/127.0.0.1/tcp/${port}`]);
    const b = await start('b');
    b.connect(a.addresses());
    await until(() => b.isConnected(a.peerId));
    await a[Symbol.asyncDispose]();
    await until(() => !b.isConnected(a.peerId));
    const again = await start('a', [`/ip4/127.0.0.1/tcp/${port}`]);
    await until(() => b.isConnected(again.peerId));
  });

  it('dials a peer that is not there yet until it is', async () => {
    const port = await steadyPort();
    const b = await start('b');
    b.connect([`/ip4/127.0.0.1/tcp/${port}/p2p/${peerIdOf(memberOf('a'))}`]);
    await start('a', [`/ip4/127.0.0.1/tcp/${port}`]);
    await until(() => b.connectedPeers().length === 1);
  });

  it('tells of peers that come and go', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const events: string[] = [];
    a.onPeer(({ peer, connected }) => events.push(`${peer.id === b.peerId ? 'b' : '?'} ${connected}`));
    b.connect(a.addresses());
    await until(() => events.length === 1);
    await b[Symbol.asyncDispose]();
    await until(() => events.length === 2);
    expect(events).toEqual(['b true', 'b false']);
  });

  it('runs more exchanges in a row than a peer may have streams, since each is closed', async () => {
    const [a, b] = await pair();
    await a.handle(ECHO, async (stream) => {
      for await (const chunk of stream.source) await stream.write(chunk, { signal });
    });
    for (let i = 0; i < 200; i++) {
      const stream = await b.open(a.peerId, ECHO, { signal });
      await stream.write(new Uint8Array([i]), { signal });
      await stream.closeWrite();
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream.source) chunks.push(chunk);
      expect(Buffer.concat(chunks)).toEqual(Buffer.from([i]));
    }
  });

  it('carries 32 MiB byte for byte', async () => {
    const [a, b] = await pair();
    const block = new Uint8Array(1024 * 1024).map((_, i) => i % 251);
    await a.handle(ECHO, async (stream) => {
      for (let i = 0; i < 32; i++) await stream.write(block, { signal });
    });
    const stream = await b.open(a.peerId, ECHO, { signal });
    await stream.closeWrite();
    let at = 0;
    for await (const chunk of stream.source) {
      for (let i = 0; i < chunk.length; i += 997) {
        if (chunk[i] !== ((at + i) % block.length) % 251) throw new Error(`wrong byte at ${at + i}`);
      }
      at += chunk.length;
    }
    expect(at).toBe(32 * block.length);
  });

  it('ends the other side when a handler throws, and the stream when the signal fires', async () => {
    const [a, b] = await pair();
    await a.handle(ECHO, async (stream) => {
      for await (const _ of stream.source) throw new Error('no');
    });
    const stream = await b.open(a.peerId, ECHO, { signal });
    await stream.write(new Uint8Array([1]), { signal });
    const drain = async () => {
      for await (const _ of stream.source);
    };
    await expect(drain()).rejects.toThrow();

    const abort = new AbortController();
    const other = await b.open(a.peerId, ECHO, { signal: abort.signal });
    abort.abort();
    await expect(other.write(new Uint8Array([1]), { signal })).rejects.toThrow();
  });

  it('opens no stream to a peer that is away, or for a protocol it does not speak', async () => {
    const [a, b] = await pair();
    await expect(b.open(a.peerId, '/none/1', { signal })).rejects.toMatchObject({ code: 'node-unreachable' });
    await a[Symbol.asyncDispose]();
    await until(() => !b.isConnected(a.peerId));
    await expect(b.open(a.peerId, ECHO, { signal })).rejects.toMatchObject({ code: 'node-unreachable' });
  });

  it('can be disposed twice', async () => {
    const host = await start('a');
    await Promise.all([host[Symbol.asyncDispose](), host[Symbol.asyncDispose]()]);
    await host[Symbol.asyncDispose]();
  });
});
