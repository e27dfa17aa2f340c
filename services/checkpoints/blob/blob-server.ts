import { OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import type { Pace } from '../pace.ts';
import type { BlockReader } from '../store.ts';
import { within } from '../wait.ts';
import { FrameError, frameHead, readFrames } from './frames.ts';
import type { DuplexStream, StreamHost } from './stream-host.ts';
import { BLOB_PROTOCOL, decodeRequest, PRESENCE, REQUEST_LIMIT_BYTES, STATUS } from './wire.ts';

/** Requests answered at once: each holds one leaf of 1 MiB in memory. */
const REQUESTS_LIMIT = 32;
const REQUESTS_OF_PEER_LIMIT = 4;
/** A peer that neither asks nor takes its answer in this time loses its place to another. */
const IDLE_TIMEOUT_MS = 20_000;
/** Where the bandwidth is taken for longer than this, whoever comes is told to come back: it would think us stalled. */
const PACE_WAIT_MS = 2_000;

export interface BlobServerEvent {
  readonly peer: string;
  readonly outcome: 'served' | 'busy' | 'refused' | 'stalled' | 'corrupt' | 'broken';
  readonly bytes: number;
}

export interface BlobServerOptions {
  readonly requestsLimit?: number;
  readonly requestsOfPeerLimit?: number;
  readonly idleTimeoutMs?: number;
  /** Bandwidth of what is served; may be shared. */
  readonly pace?: Pace;
  readonly onEvent?: (event: BlobServerEvent) => void;
}

/** Answers peers' requests from a store. Each block is checked against its CID as it is read; a changed one is absent. */
export class BlobServer implements AsyncDisposable {
  readonly #store: BlockReader;
  readonly #options: Required<Omit<BlobServerOptions, 'pace'>>;
  readonly #pace: Pace | null;
  /** Requests in flight, by peer; a peer without any has no entry. */
  readonly #inFlight = new Map<string, number>();
  #total = 0;
  #registration: AsyncDisposable | null = null;

  private constructor(store: BlockReader, options: BlobServerOptions) {
    this.#store = store;
    this.#pace = options.pace ?? null;
    this.#options = {
      requestsLimit: options.requestsLimit ?? REQUESTS_LIMIT,
      requestsOfPeerLimit: options.requestsOfPeerLimit ?? REQUESTS_OF_PEER_LIMIT,
      idleTimeoutMs: options.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
      onEvent: options.onEvent ?? (() => undefined),
    };
  }

  static async start(
    host: StreamHost,
    store: BlockReader,
    options: BlobServerOptions = {},
  ): Promise<BlobServer> {
    const server = new BlobServer(store, options);
    server.#registration = await host.handle(BLOB_PROTOCOL, (stream, { signal }) =>
      server.#handle(stream, signal),
    );
    return server;
  }

  async #handle(stream: DuplexStream, signal: AbortSignal): Promise<void> {
    const peer = stream.peer.id;
    const ofPeer = this.#inFlight.get(peer) ?? 0;
    const { requestsLimit, requestsOfPeerLimit } = this.#options;
    const isSlow = (this.#pace?.waitMs ?? 0) > PACE_WAIT_MS;
    if (isSlow || this.#total >= requestsLimit || ofPeer >= requestsOfPeerLimit) {
      await this.#write(stream, frameHead(1, STATUS.busy), signal);
      await stream.closeWrite();
      return this.#options.onEvent({ peer, outcome: 'busy', bytes: 0 });
    }
    this.#total++;
    this.#inFlight.set(peer, ofPeer + 1);
    try {
      await this.#exchange(stream, signal);
    } finally {
      this.#total--;
      const left = (this.#inFlight.get(peer) ?? 1) - 1;
      if (left === 0) this.#inFlight.delete(peer);
      else this.#inFlight.set(peer, left);
    }
  }

  async #exchange(stream: DuplexStream, signal: AbortSignal): Promise<void> {
    const frames = readFrames(stream.source, REQUEST_LIMIT_BYTES);
    const event = { peer: stream.peer.id, bytes: 0 };
    try {
      const frame = await within(this.#options.idleTimeoutMs, signal, () => frames.next());
      if (frame === 'timed-out') throw new Stalled();
      const request = frame.done === true ? null : decodeRequest(frame.value);
      if (request === null || !request.ok) return await this.#refuse(stream, signal);
      await this.#write(stream, frameHead(1, STATUS.ok), signal);
      if (request.value.operation === 'has') await this.#answerHas(stream, request.value.cids, signal);
      else for (const cid of request.value.cids) event.bytes += await this.#answerBlock(stream, cid, signal);
      await stream.closeWrite();
      this.#options.onEvent({ ...event, outcome: 'served' });
    } catch (error) {
      if (error instanceof FrameError) return await this.#refuse(stream, signal);
      this.#options.onEvent({ ...event, outcome: error instanceof Stalled ? 'stalled' : 'broken' });
      stream.abort(error instanceof Error ? error : new Error('the exchange failed'));
    }
  }

  async #answerHas(stream: DuplexStream, cids: readonly ContentId[], signal: AbortSignal): Promise<void> {
    const present: number[] = [];
    for (const cid of cids)
      present.push((await this.#store.hasBlock(cid)) ? PRESENCE.present : PRESENCE.absent);
    await this.#write(stream, frameHead(present.length, ...present), signal);
  }

  async #answerBlock(stream: DuplexStream, cid: ContentId, signal: AbortSignal): Promise<number> {
    const bytes = await this.#read(cid, stream.peer.id);
    if (bytes === null) {
      await this.#write(stream, frameHead(1, PRESENCE.absent), signal);
      return 0;
    }
    await this.#pace?.take(bytes.length, { signal });
    await this.#write(stream, frameHead(1 + bytes.length, PRESENCE.present), signal);
    if (bytes.length > 0) await this.#write(stream, bytes, signal);
    return bytes.length;
  }

  /** A file that changed since it was published is not ours to give: to the peer the block is absent. */
  async #read(cid: ContentId, peer: string): Promise<Uint8Array | null> {
    try {
      return await this.#store.block(cid);
    } catch (error) {
      if (!(error instanceof OversightError) || error.code !== 'blob-corrupt') throw error;
      this.#options.onEvent({ peer, outcome: 'corrupt', bytes: 0 });
      return null;
    }
  }

  async #refuse(stream: DuplexStream, signal: AbortSignal): Promise<void> {
    this.#options.onEvent({ peer: stream.peer.id, outcome: 'refused', bytes: 0 });
    await this.#write(stream, frameHead(1, STATUS.refused), signal);
    await stream.closeWrite();
  }

  async #write(stream: DuplexStream, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const written = await within(this.#options.idleTimeoutMs, signal, (inner) =>
      stream.write(bytes, { signal: inner }),
    );
    if (written === 'timed-out') throw new Stalled();
  }

  /** Takes no new streams; the host ends those that are open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const registration = this.#registration;
    this.#registration = null;
    await registration?.[Symbol.asyncDispose]();
  }
}

class Stalled extends Error {
  override readonly name = 'Stalled';
}
