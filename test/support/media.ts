import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { MemberKey } from '../../protocols/base/ids.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import { Libp2pHost } from '../../services/network/libp2p/host.ts';
import { Libp2pTransport } from '../../services/network/libp2p/transport.ts';
import { MemoryHub } from '../../services/network/memory/hub.ts';
import { NatsTransport } from '../../services/network/nats/transport.ts';
import { startNatsServer } from './nats-server.ts';
import { steadyPort } from './steady-port.ts';
import type { Medium } from './transport-compliance.ts';
import { until } from './until.ts';
import type { Recorder, WireNode } from './wire-node.ts';

const { signal } = new AbortController();
export const FEDERATION = 'bafyreifederationoftests';

export const seedOf = (name: string) => createHash('sha256').update(name).digest();

/** RFC 8410: what stands before the seed in a PKCS #8 Ed25519 key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The did:key of the seed of this name. Native: tests make thousands of them. */
export function memberOf(name: string): MemberKey {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seedOf(name)]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return memberKey(Buffer.from(x ?? '', 'base64url'));
}

/** Nodes in one process, each linked to the one before it. */
export async function memoryMedium(): Promise<Medium> {
  const hub = new MemoryHub({ mesh: false });
  const names: string[] = [];
  return {
    async start(name, recorder) {
      const transport = hub.join(name);
      await transport.start(recorder, { signal });
      const before = names.at(-1);
      if (!names.includes(name)) {
        names.push(name);
        if (before !== undefined) hub.link(before, name);
      }
      return owned(transport, recorder, transport.ref, () => transport[Symbol.asyncDispose]());
    },
    async settled() {},
    async interrupt() {
      const [a, b] = names;
      if (a === undefined || b === undefined) return;
      hub.unlink(a, b);
      hub.link(a, b);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Real hosts on loopback, each dialling the one before it, so that messages must be forwarded. */
export async function libp2pMedium(): Promise<Medium> {
  const hosts: Libp2pHost[] = [];
  const ports = new Map<string, number>();
  return {
    async start(name, recorder) {
      const port = ports.get(name) ?? (await steadyPort());
      ports.set(name, port);
      const host = await Libp2pHost.start(
        {
          seed: seedOf(name),
          federation: FEDERATION,
          listen: [`/ip4/127.0.0.1/tcp/${port}`],
          admits: () => true,
        },
        { signal },
      );
      const transport = new Libp2pTransport(host);
      await transport.start(recorder, { signal });
      const before = hosts.at(-1);
      hosts.push(host);
      if (before !== undefined) host.connect(before.addresses());
      return owned(transport, recorder, { transport: 'libp2p', id: host.peerId }, async () => {
        await transport[Symbol.asyncDispose]();
        await host[Symbol.asyncDispose]();
      });
    },
    async settled() {
      const meshed = () =>
        hosts.every((host, i) => {
          const wanted = [hosts[i - 1], hosts[i + 1]].flatMap((other) =>
            other === undefined ? [] : [other.peerId],
          );
          const found = host.gossip.getMeshPeers(host.topic);
          return wanted.every((peer) => found.includes(peer));
        });
      await until(meshed, { what: 'gossip mesh' });
    },
    async interrupt() {
      const [a, b] = hosts;
      if (a === undefined || b === undefined) return;
      await b.disconnect(a.peerId);
      await until(() => !b.isConnected(a.peerId) || !a.isConnected(b.peerId), { what: 'the cut' });
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** A real nats-server with JetStream. */
export async function natsMedium(): Promise<Medium> {
  const server = await startNatsServer();
  return {
    async start(name, recorder) {
      const member = memberOf(name);
      const transport = new NatsTransport({
        servers: [server.url],
        auth: { kind: 'none' },
        federation: FEDERATION,
        member,
        admits: () => true,
        whenUnreachable: 'fail',
      });
      await transport.start(recorder, { signal });
      return owned(transport, recorder, { transport: 'nats', id: member }, () =>
        transport[Symbol.asyncDispose](),
      );
    },
    async settled(nodes) {
      await until(() => nodes.every((node) => node.transport.peers().length >= nodes.length - 1), {
        what: 'presence',
      });
    },
    interrupt: () => server.restart(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function owned(
  transport: WireNode['transport'],
  recorder: Recorder,
  ref: WireNode['ref'],
  dispose: () => Promise<void>,
): WireNode {
  return { transport, recorder, ref, [Symbol.asyncDispose]: dispose };
}
