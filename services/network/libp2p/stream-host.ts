import type { Stream } from '@libp2p/interface';
import type { PeerEvent, PeerRef } from '../transport.ts';

/** Bytes in one piece or several. */
export type Sendable = Parameters<Stream['send']>[0];

/** One open duplex byte stream to an admitted peer. */
export interface DuplexStream {
  readonly peer: PeerRef;
  /** Bytes in order, in chunks of any size; ends when the peer closes its side; throws when the stream is aborted. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Resolves once the bytes are handed over; waits while the peer's window is full. */
  write(bytes: Sendable, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Ends our side; the peer's side stays open. Both ends must call it, or the protocol runs out of streams. */
  closeWrite(): Promise<void>;
  /** Ends both sides at once. Idempotent. */
  abort(error: Error): void;
}

/** What a service may do with the node's libp2p host: run its own stream protocols between admitted peers. */
export interface StreamHost {
  /**
   * Answers a protocol, for example `/oversight/blob/1`. The handler owns the stream until it resolves; then what
   * is still open is closed. A handler that throws aborts the stream. Disposing stops new streams.
   */
  handle(
    protocol: string,
    handler: (stream: DuplexStream, options: { readonly signal: AbortSignal }) => Promise<void>,
  ): Promise<AsyncDisposable>;
  /** Opens a stream to a connected peer. The caller ends it with `closeWrite` and a drained source, or `abort`. */
  open(peerId: string, protocol: string, options: { readonly signal: AbortSignal }): Promise<DuplexStream>;
  connectedPeers(): readonly PeerRef[];
  /** Tells of admitted peers that come and go. Returns the function that stops it. */
  onPeer(listener: (event: PeerEvent) => void): () => void;
}
