/** What a node does with a message: keep and forward, drop in silence, or drop and hold it against the sender. */
export type Decision = 'accept' | 'ignore' | 'reject';

export type TransportName = 'libp2p' | 'nats' | 'memory';

/** A neighbour on one transport: a libp2p peer id, or a member's did:key on NATS and in memory. */
export interface PeerRef {
  readonly transport: TransportName;
  readonly id: string;
}

/** A message to carry. The wire bytes are opaque; the rest only addresses them. */
export interface Outgoing {
  /** CID of the message. */
  readonly id: string;
  /** For example `finding/1`. */
  readonly kind: string;
  /** did:key of the author. */
  readonly author: string;
  readonly wire: Uint8Array;
}

export interface Handlers {
  /** Resolves only once the message is durable (accept) or refused. A transport acknowledges after that, never before. */
  receive(wire: Uint8Array, from: PeerRef): Promise<Decision>;
  /** Answers one request of a peer with frames. */
  serve(
    request: Uint8Array,
    from: PeerRef,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<Uint8Array>;
}

export interface PeerEvent {
  readonly peer: PeerRef;
  readonly connected: boolean;
}

/**
 * Carries opaque messages between the nodes of one federation, at least once and in any order, and request/answer
 * exchanges between two of them. Every adapter passes test/compliance/transport.*.test.ts.
 */
export interface Transport extends AsyncDisposable {
  readonly name: TransportName;
  /** True where messages come at our pace (a pull consumer); elsewhere a peer sets the pace and is rate-limited. */
  readonly paced: boolean;
  /** Resolves when messages can be taken and given; a transport whose server is away resolves too, if told to wait for it. */
  start(handlers: Handlers, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Resolves when the message has been handed over: to the server on NATS, to the neighbours (maybe none) on libp2p. */
  publish(message: Outgoing, options: { readonly signal: AbortSignal }): Promise<void>;
  peers(): readonly PeerRef[];
  /** Tells of neighbours that come and go. Returns the function that stops it. */
  onPeer(listener: (event: PeerEvent) => void): () => void;
  /** One exchange. Ends with the peer's last frame; throws OversightError when the peer goes, stalls or breaks the framing. */
  request(
    peer: PeerRef,
    request: Uint8Array,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  /** Cuts a misbehaving neighbour off for a while, as far as the transport can. */
  block(peer: PeerRef, durationMs: number): Promise<void>;
}
