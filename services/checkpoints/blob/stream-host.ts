/** What the blob protocol needs of the node's libp2p host, told apart from it by structure alone. */

export interface StreamPeer {
  readonly id: string;
}

/** One open duplex byte stream to an admitted peer. */
export interface DuplexStream {
  readonly peer: StreamPeer;
  /** Bytes in order, in chunks of any size; ends when the peer closes its side; throws when the stream is aborted. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Resolves once the bytes are handed over; waits while the peer's window is full. */
  write(bytes: Uint8Array, options: { readonly signal: AbortSignal }): Promise<void>;
  closeWrite(): Promise<void>;
  abort(error: Error): void;
}

export interface StreamHost {
  handle(
    protocol: string,
    handler: (stream: DuplexStream, options: { readonly signal: AbortSignal }) => Promise<void>,
  ): Promise<AsyncDisposable>;
  open(peerId: string, protocol: string, options: { readonly signal: AbortSignal }): Promise<DuplexStream>;
  connectedPeers(): readonly StreamPeer[];
  onPeer(listener: (event: { readonly peer: StreamPeer; readonly connected: boolean }) => void): () => void;
}
