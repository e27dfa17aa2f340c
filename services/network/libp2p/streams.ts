import type { Libp2p, PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import type { PeerRef } from '../transport.ts';
import { duplexOf } from './duplex.ts';
import type { DuplexStream, StreamHost } from './stream-host.ts';

/** Streams of one protocol and peer at a time; a peer that opens more is refused by the muxer. */
const STREAMS_PER_PEER = 32;
/** What a peer may send into a stream that is not read. yamux would let it grow to 16 MiB, and aborts a stream at 4 MiB unread. */
export const STREAM_WINDOW_BYTES = 2_097_152;
const OPEN_TIMEOUT_MS = 10_000;
/** How long a served stream waits for the peer to close its side too. */
const LINGER_MS = 10_000;

type Streams = Pick<Libp2p, 'handle' | 'unhandle' | 'getConnections'>;

export const refOf = (peerId: PeerId): PeerRef => ({ transport: 'libp2p', id: peerId.toString() });

/** `StreamHost.handle` over a libp2p node. @param stopping aborts when the host closes */
export async function handleStreams(
  node: Streams,
  protocol: string,
  handler: Parameters<StreamHost['handle']>[1],
  stopping: AbortSignal,
): Promise<AsyncDisposable> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, stopping]);
  const running = new Set<Promise<void>>();
  await node.handle(
    protocol,
    (stream, connection) => {
      const duplex = duplexOf(stream, refOf(connection.remotePeer), signal);
      const task = serve(duplex, () => handler(duplex, { signal })).finally(() => running.delete(task));
      running.add(task);
    },
    { maxInboundStreams: STREAMS_PER_PEER, maxOutboundStreams: STREAMS_PER_PEER },
  );
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await node.unhandle(protocol);
      await Promise.all(running);
    },
  };
}

/** `StreamHost.open` over a libp2p node. @param stopping aborts when the host closes */
export async function newStream(
  node: Streams,
  peerId: string,
  protocol: string,
  signal: AbortSignal,
  stopping: AbortSignal,
): Promise<DuplexStream> {
  signal.throwIfAborted();
  const lifetime = AbortSignal.any([signal, stopping]);
  const [connection] = node.getConnections(peerIdFromString(peerId));
  if (connection === undefined)
    throw new OversightError('node-unreachable', `not connected to peer ${peerId}`);
  try {
    const stream = await connection.newStream(protocol, {
      signal: AbortSignal.any([lifetime, AbortSignal.timeout(OPEN_TIMEOUT_MS)]),
      maxOutboundStreams: STREAMS_PER_PEER,
    });
    return duplexOf(stream, { transport: 'libp2p', id: peerId }, lifetime);
  } catch (cause) {
    signal.throwIfAborted();
    throw new OversightError('node-unreachable', `peer ${peerId} opened no stream: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Runs a handler and leaves no stream half open: yamux counts a stream until both ends closed it. */
async function serve(stream: DuplexStream, handler: () => Promise<void>): Promise<void> {
  try {
    await handler();
    await stream.closeWrite();
    const linger = setTimeout(() => stream.abort(new Error('the peer did not close')), LINGER_MS);
    try {
      for await (const _ of stream.source) {
        // the peer's last bytes: dropped, so that it can close
      }
    } finally {
      clearTimeout(linger);
    }
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(messageOf(error)));
  }
}
