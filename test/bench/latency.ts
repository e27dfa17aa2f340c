import { randomBytes } from 'node:crypto';
import { gossipsub, StrictNoSign } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { createLibp2p } from 'libp2p';
import type { Inbox, SyncSource } from '../../services/network/index.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { TestNode } from '../support/network-node.ts';
import { TestLedger } from '../support/test-ledger.ts';
import { until } from '../support/until.ts';
import { quantile } from './quantile.ts';

const { signal } = new AbortController();
const MESSAGE_BYTES = 1_024;
const WARM_UP = 50;
const MESSAGES = 300;
const FEDERATION_AUTHOR = 'did:key:z6MkBench';

/** Of one message from publish() to the receiver's handler, in ms, one at a time, both ends in this process. */
export interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface Latency {
  readonly libp2p: Percentiles;
  readonly bareLibp2p: Percentiles;
  readonly nats: Percentiles;
  readonly bareNats: Percentiles;
}

/** A way to send bytes and be called when they arrive. */
interface Path extends AsyncDisposable {
  send(bytes: Uint8Array): Promise<void>;
  onReceive: (bytes: Uint8Array) => void;
}

export async function measureLatency(): Promise<Latency> {
  await using server = await startNatsServer();
  // ours and bare by turns, so that what else the machine does falls on both
  const paths = {
    libp2p: await ourLibp2p(),
    bareLibp2p: await bareLibp2p(),
    nats: await ourNats(server.url),
    bareNats: await bareNats(server.url),
  };
  try {
    const samples: Record<keyof Latency, number[]> = { libp2p: [], bareLibp2p: [], nats: [], bareNats: [] };
    for (let i = 0; i < WARM_UP + MESSAGES; i++) {
      for (const name of ['libp2p', 'bareLibp2p', 'nats', 'bareNats'] as const) {
        const ms = await once(paths[name]);
        if (i >= WARM_UP) samples[name].push(ms);
      }
    }
    return {
      libp2p: percentiles(samples.libp2p),
      bareLibp2p: percentiles(samples.bareLibp2p),
      nats: percentiles(samples.nats),
      bareNats: percentiles(samples.bareNats),
    };
  } finally {
    for (const path of Object.values(paths)) await path[Symbol.asyncDispose]();
  }
}

async function once(path: Path): Promise<number> {
  const bytes = randomBytes(MESSAGE_BYTES);
  const arrived = Promise.withResolvers<number>();
  path.onReceive = (received) => {
    if (Buffer.compare(received, bytes) === 0) arrived.resolve(performance.now());
  };
  const start = performance.now();
  const sent = path.send(bytes);
  const end = await arrived.promise;
  await sent;
  return end - start;
}

/** A node that takes everything in at once: what is measured is the network alone. */
class Instant extends TestLedger implements Inbox, SyncSource {
  onReceive: (bytes: Uint8Array) => void = () => {};

  override async accept(wire: Uint8Array): ReturnType<Inbox['accept']> {
    this.onReceive(wire);
    return { decision: 'accept', fresh: true, outgoing: null };
  }
}

function ourPath(from: TestNode, to: TestNode, ledger: Instant): Path {
  return {
    async send(wire) {
      const message = {
        id: randomBytes(16).toString('hex'),
        kind: 'finding/1',
        author: FEDERATION_AUTHOR,
        wire,
      };
      await from.network.publish(message, { signal });
    },
    set onReceive(listener: (bytes: Uint8Array) => void) {
      ledger.onReceive = listener;
    },
    async [Symbol.asyncDispose]() {
      await from[Symbol.asyncDispose]();
      await to[Symbol.asyncDispose]();
    },
  };
}

async function ourLibp2p(): Promise<Path> {
  const ledger = new Instant();
  const a = await TestNode.start({ name: 'bench-a', libp2p: {} });
  const b = await TestNode.start({ name: 'bench-b', libp2p: { dial: a.addresses }, ledger });
  await until(() => a.host?.gossip.getMeshPeers(a.host.topic).length === 1, { what: 'gossip' });
  return ourPath(a, b, ledger);
}

async function ourNats(url: string): Promise<Path> {
  const ledger = new Instant();
  const a = await TestNode.start({ name: 'bench-c', natsUrl: url });
  const b = await TestNode.start({ name: 'bench-d', natsUrl: url, ledger });
  await until(() => a.network.peers().length === 1, { what: 'presence' });
  return ourPath(a, b, ledger);
}

async function bareLibp2p(): Promise<Path> {
  const topic = 'bench';
  const create = () =>
    createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
      services: {
        identify: identify(),
        gossip: gossipsub({ globalSignaturePolicy: StrictNoSign, allowPublishToZeroTopicPeers: true }),
      },
    });
  const [a, b] = [await create(), await create()];
  let onReceive: (bytes: Uint8Array) => void = () => {};
  b.services.gossip.addEventListener('message', (event) => onReceive(event.detail.data));
  for (const node of [a, b]) node.services.gossip.subscribe(topic);
  await b.dial(a.getMultiaddrs());
  await until(() => a.services.gossip.getSubscribers(topic).length === 1, { what: 'gossip' });
  return {
    async send(bytes) {
      await a.services.gossip.publish(topic, bytes);
    },
    set onReceive(listener: (bytes: Uint8Array) => void) {
      onReceive = listener;
    },
    async [Symbol.asyncDispose]() {
      await a.stop();
      await b.stop();
    },
  };
}

async function bareNats(url: string): Promise<Path> {
  const [a, b] = [await connect({ servers: url }), await connect({ servers: url })];
  const manager = await jetstreamManager(a);
  await manager.streams.add({ name: 'bench', subjects: ['bench.>'] });
  await manager.consumers.add('bench', { durable_name: 'bench', ack_policy: AckPolicy.Explicit });
  let onReceive: (bytes: Uint8Array) => void = () => {};
  const consumer = await jetstream(b).consumers.get('bench', 'bench');
  const messages = await consumer.consume({
    callback: (message) => {
      onReceive(message.data);
      message.ack();
    },
  });
  return {
    async send(bytes) {
      await jetstream(a).publish('bench.x', bytes);
    },
    set onReceive(listener: (bytes: Uint8Array) => void) {
      onReceive = listener;
    },
    async [Symbol.asyncDispose]() {
      await messages.close();
      await a.close();
      await b.close();
    },
  };
}

function percentiles(samples: readonly number[]): Percentiles {
  return { p50Ms: quantile(samples, 0.5), p95Ms: quantile(samples, 0.95) };
}
