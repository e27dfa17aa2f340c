import type { DuplexStream, StreamHost, StreamPeer } from '../../../services/checkpoints/blob/stream-host.ts';

type Handler = (stream: DuplexStream, options: { readonly signal: AbortSignal }) => Promise<void>;

/** What one direction holds before its writer waits, as the window of a stream multiplexer does. */
const WINDOW_BYTES = 262_144;

/** One direction of a stream. */
class Pipe {
  readonly #chunks: Uint8Array[] = [];
  #heldBytes = 0;
  #ended = false;
  #error: Error | null = null;
  #change = Promise.withResolvers<void>();

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    while (this.#heldBytes > WINDOW_BYTES && this.#error === null && !signal.aborted)
      await Promise.race([this.#change.promise, once(signal)]);
    signal.throwIfAborted();
    if (this.#error !== null) throw this.#error;
    this.#chunks.push(bytes);
    this.#heldBytes += bytes.length;
    this.#notify();
  }

  end(): void {
    this.#ended = true;
    this.#notify();
  }

  fail(error: Error): void {
    this.#error ??= error;
    this.#notify();
  }

  async *read(): AsyncIterable<Uint8Array> {
    for (;;) {
      if (this.#error !== null) throw this.#error;
      const next = this.#chunks.shift();
      if (next !== undefined) {
        this.#heldBytes -= next.length;
        this.#notify();
        yield next;
      } else if (this.#ended) return;
      else await this.#change.promise;
    }
  }

  #notify(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers<void>();
    resolve();
  }
}

function once(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

function end(peer: StreamPeer, incoming: Pipe, outgoing: Pipe): DuplexStream {
  return {
    peer,
    source: incoming.read(),
    write: (bytes, { signal }) => outgoing.write(bytes, signal),
    closeWrite: async () => outgoing.end(),
    abort: (error) => {
      incoming.fail(error);
      outgoing.fail(error);
    },
  };
}

/** Hosts in one process whose streams are queues in memory. */
export class MemoryNetwork {
  readonly #handlers = new Map<string, Map<string, Handler>>();

  host(id: string): StreamHost {
    const own = new Map<string, Handler>();
    this.#handlers.set(id, own);
    return {
      handle: async (protocol, handler) => {
        own.set(protocol, handler);
        return { [Symbol.asyncDispose]: async () => void own.delete(protocol) };
      },
      open: async (peerId, protocol) => {
        const handler = this.#handlers.get(peerId)?.get(protocol);
        if (handler === undefined) throw new Error(`${peerId} does not speak ${protocol}`);
        const there = new Pipe();
        const back = new Pipe();
        const stream = end({ id }, there, back);
        handler(stream, { signal: new AbortController().signal }).catch((error: Error) =>
          stream.abort(error),
        );
        return end({ id: peerId }, back, there);
      },
      connectedPeers: () =>
        [...this.#handlers.keys()].filter((peer) => peer !== id).map((peer) => ({ id: peer })),
      onPeer: () => () => undefined,
    };
  }
}
