import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import type { Libp2p } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import type { PeerEvent, PeerRef } from '../transport.ts';
import { listenFailure } from './host.ts';
import type { DuplexStream, StreamHost } from './stream-host.ts';
import { handleStreams, newStream, refOf, STREAM_WINDOW_BYTES } from './streams.ts';

/** Anyone may connect, so few may at a time. */
const CONNECTIONS_LIMIT = 64;
const INBOUND_PER_SECOND = 16;

export interface OpenHostOptions {
  /** Its own key, 32 bytes: never that of the node's host for members. */
  readonly seed: Uint8Array;
  /** Multiaddrs. */
  readonly listen: readonly string[];
}

/** A libp2p host for strangers, apart from the members' in key, port and connections. It dials nobody. */
export class OpenHost implements StreamHost, AsyncDisposable {
  readonly #node: Libp2p;
  readonly #listeners = new Set<(event: PeerEvent) => void>();
  readonly #stop = new AbortController();

  /** @throws OversightError port-in-use, permission-denied, argument-invalid */
  static async start({ seed, listen }: OpenHostOptions): Promise<OpenHost> {
    const node = await createLibp2p({
      start: false,
      privateKey: await generateKeyPairFromSeed('Ed25519', seed),
      addresses: { listen: [...listen] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES } })],
      connectionMonitor: { enabled: false },
      connectionManager: {
        maxConnections: CONNECTIONS_LIMIT,
        inboundConnectionThreshold: INBOUND_PER_SECOND,
        reconnectRetries: 0,
      },
      connectionGater: { denyDialMultiaddr: () => true },
      services: { identify: identify() },
    });
    const host = new OpenHost(node);
    try {
      await node.start();
      return host;
    } catch (cause) {
      await host[Symbol.asyncDispose]();
      throw await listenFailure(listen, cause);
    }
  }

  private constructor(node: Libp2p) {
    this.#node = node;
    node.addEventListener('peer:connect', ({ detail }) =>
      this.#tell({ peer: refOf(detail), connected: true }),
    );
    node.addEventListener('peer:disconnect', ({ detail }) =>
      this.#tell({ peer: refOf(detail), connected: false }),
    );
  }

  /** What others dial: multiaddrs that end in `/p2p/<its peer id>`. */
  addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map(String);
  }

  handle(protocol: string, handler: Parameters<StreamHost['handle']>[1]): Promise<AsyncDisposable> {
    return handleStreams(this.#node, protocol, handler, this.#stop.signal);
  }

  open(peerId: string, protocol: string, options: { readonly signal: AbortSignal }): Promise<DuplexStream> {
    return newStream(this.#node, peerId, protocol, options.signal, this.#stop.signal);
  }

  connectedPeers(): readonly PeerRef[] {
    return this.#node.getPeers().map(refOf);
  }

  onPeer(listener: (event: PeerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: PeerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#listeners.clear();
    await this.#node.stop();
  }
}
