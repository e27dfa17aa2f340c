import { createServer } from 'node:net';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import type { Libp2p, PeerId, PrivateKey } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { peerIdFromString } from '@libp2p/peer-id';
import { type Ping, ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { hasErrno, messageOf, OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { MEMBERS_LIMIT } from '../../../protocols/base/limits.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { PeerEvent, PeerRef } from '../transport.ts';
import { Dialer } from './dialer.ts';
import { gossipService, type JudgedGossip, topicOf } from './gossip.ts';
import { keepAlive } from './keep-alive.ts';
import { didKeyOf } from './peer-name.ts';
import type { DuplexStream, StreamHost } from './stream-host.ts';
import { handleStreams, newStream, refOf, STREAM_WINDOW_BYTES } from './streams.ts';

/** A stranger costs one handshake; a consortium behind one address may still connect at once. */
const INBOUND_PER_SECOND = 64;

export interface Libp2pHostOptions {
  /** The derived `libp2p` key, 32 bytes: the peer id follows from it. */
  readonly seed: Uint8Array;
  readonly federation: string;
  /** Multiaddrs; `/ip4/127.0.0.1/tcp/0` when absent. */
  readonly listen?: readonly string[];
  /** Asked at every connection: the libp2p did:keys of the charter's members and of configured observers. */
  readonly admits: (peer: MemberKey) => boolean;
}

type Services = { readonly gossip: JudgedGossip; readonly ping: Ping };

/** The node's one libp2p host. Messages, sync and blobs share its connections. */
export class Libp2pHost implements StreamHost, AsyncDisposable {
  readonly topic: string;
  readonly #node: Libp2p<Services>;
  readonly #admits: (peer: MemberKey) => boolean;
  readonly #dialer: Dialer;
  readonly #blocked: BoundedMap<string, number>;
  readonly #listeners = new Set<(event: PeerEvent) => void>();
  readonly #stop = new AbortController();
  readonly #keepAlive: Promise<void>;
  #refused = 0;
  #disposed: Promise<void> | null = null;

  /** Listens and is ready. @throws OversightError port-in-use, argument-invalid */
  static async start(
    options: Libp2pHostOptions,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Libp2pHost> {
    signal.throwIfAborted();
    const privateKey = await generateKeyPairFromSeed('Ed25519', options.seed);
    const host = await Libp2pHost.#create(options, privateKey);
    try {
      await host.#node.start();
      signal.throwIfAborted();
      return host;
    } catch (cause) {
      await host[Symbol.asyncDispose]();
      signal.throwIfAborted();
      throw await listenFailure(options.listen ?? [], cause);
    }
  }

  static async #create(options: Libp2pHostOptions, privateKey: PrivateKey): Promise<Libp2pHost> {
    const topic = topicOf(options.federation);
    let deny: (peerId: PeerId) => boolean = () => true;
    const node = await createLibp2p({
      start: false,
      privateKey,
      addresses: { listen: [...(options.listen ?? ['/ip4/127.0.0.1/tcp/0'])] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES } })],
      // its pings would abort every connection of a saturated node; keepAlive() is ours
      connectionMonitor: { enabled: false },
      connectionManager: {
        maxConnections: MEMBERS_LIMIT,
        inboundConnectionThreshold: INBOUND_PER_SECOND,
        reconnectRetries: 0,
      },
      connectionGater: {
        denyDialPeer: (peerId) => deny(peerId),
        denyDialMultiaddr: () => false,
        denyInboundEncryptedConnection: (peerId) => deny(peerId),
        denyOutboundEncryptedConnection: (peerId) => deny(peerId),
      },
      services: { identify: identify(), ping: ping(), gossip: gossipService(topic) },
    });
    const host = new Libp2pHost(node, topic, options.admits);
    deny = (peerId) => {
      const denied = !host.admits(peerId.toString());
      if (denied) host.#refused += 1;
      return denied;
    };
    return host;
  }

  private constructor(node: Libp2p<Services>, topic: string, admits: (peer: MemberKey) => boolean) {
    this.#node = node;
    this.topic = topic;
    this.#admits = admits;
    this.#blocked = new BoundedMap(MEMBERS_LIMIT);
    this.#dialer = new Dialer({
      dial: async (addresses, options) => {
        await node.dial([...addresses], options);
      },
      isConnected: (peerId) => this.isConnected(peerId),
      admits: (peerId) => this.admits(peerId),
    });
    node.addEventListener('peer:connect', (event) => this.#tell(event.detail, true));
    node.addEventListener('peer:disconnect', (event) => {
      this.#tell(event.detail, false);
      this.#dialer.lost(event.detail.toString());
    });
    this.#keepAlive = keepAlive(
      {
        connectedPeerIds: () => node.getPeers().map(String),
        ping: async (peerId, options) => {
          await node.services.ping.ping(peerIdFromString(peerId), options);
        },
        disconnect: (peerId) => this.disconnect(peerId),
      },
      { signal: this.#stop.signal },
    );
  }

  get peerId(): string {
    return this.#node.peerId.toString();
  }

  get gossip(): JudgedGossip {
    return this.#node.services.gossip;
  }

  /** Connections refused because the peer is not admitted or is blocked. */
  get refusedConnections(): number {
    return this.#refused;
  }

  /** What others dial: multiaddrs that end in `/p2p/<our peer id>`. */
  addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map(String);
  }

  /** Keeps a connection to each of these peers from now on. */
  connect(addresses: readonly string[]): void {
    this.#dialer.connect(addresses);
  }

  admits(peerId: string): boolean {
    const until = this.#blocked.get(peerId);
    if (until !== undefined && until > Date.now()) return false;
    const key = didKeyOf(peerId);
    return key !== null && this.#admits(key);
  }

  isConnected(peerId: string): boolean {
    return this.#node.getConnections(peerIdFromString(peerId)).length > 0;
  }

  async disconnect(peerId: string): Promise<void> {
    const connections = this.#node.getConnections(peerIdFromString(peerId));
    for (const connection of connections) {
      connection.abort(new OversightError('cancelled', 'the node closed the connection'));
    }
  }

  /** Cuts a peer off for a while: closes its connections and refuses new ones. */
  async block(peerId: string, durationMs: number): Promise<void> {
    this.#blocked.set(peerId, Date.now() + durationMs);
    await this.disconnect(peerId);
  }

  /** Closes connections to peers that are no longer admitted; called after the charter changed. */
  async enforceAdmission(): Promise<void> {
    for (const peer of this.connectedPeers()) if (!this.admits(peer.id)) await this.disconnect(peer.id);
  }

  async handle(
    protocol: string,
    handler: (stream: DuplexStream, options: { readonly signal: AbortSignal }) => Promise<void>,
  ): Promise<AsyncDisposable> {
    return handleStreams(this.#node, protocol, handler, this.#stop.signal);
  }

  async open(
    peerId: string,
    protocol: string,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<DuplexStream> {
    return newStream(this.#node, peerId, protocol, signal, this.#stop.signal);
  }

  connectedPeers(): readonly PeerRef[] {
    return this.#node.getPeers().map(refOf);
  }

  onPeer(listener: (event: PeerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(peerId: PeerId, connected: boolean): void {
    for (const listener of this.#listeners) listener({ peer: refOf(peerId), connected });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    this.#listeners.clear();
    await Promise.all([this.#dialer[Symbol.asyncDispose](), this.#keepAlive]);
    await this.#node.stop();
  }
}

/** libp2p flattens listen errors into text, so the port is asked again for its errno. */
export async function listenFailure(listen: readonly string[], cause: unknown): Promise<OversightError> {
  for (const text of listen) {
    let host: string | undefined;
    let port = 0;
    try {
      const parts = multiaddr(text).getComponents();
      host = parts.find((part) => part.name === 'ip4' || part.name === 'ip6')?.value;
      port = Number(parts.find((part) => part.name === 'tcp')?.value ?? 0);
    } catch {
      return new OversightError('argument-invalid', `not a multiaddr: ${JSON.stringify(text)}`, { cause });
    }
    if (host === undefined || port === 0) continue;
    const error = await listenError(host, port);
    if (hasErrno(error, 'EADDRINUSE'))
      return new OversightError('port-in-use', `port ${port} on ${host} is taken by another program`, {
        cause,
        details: { port },
      });
    if (hasErrno(error, 'EACCES'))
      return new OversightError('permission-denied', `port ${port} on ${host} may not be opened`, { cause });
  }
  return new OversightError('argument-invalid', `cannot listen: ${messageOf(cause)}`, { cause });
}

function listenError(host: string, port: number): Promise<unknown> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
}
