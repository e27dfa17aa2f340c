import { OversightError } from '../../../protocols/base/errors.ts';
import type { DuplexStream, StreamHost } from '../blob/stream-host.ts';
import type { Pace } from '../pace.ts';
import type { BlockReader } from '../store.ts';
import { within } from '../wait.ts';
import {
  type Answer,
  BITSWAP_PROTOCOL,
  decodeWants,
  encodeAnswer,
  MESSAGE_LIMIT_BYTES,
  readMessages,
  type Want,
} from './wire.ts';

/** What one peer may want at a time; Kubo asks for no more than this. */
const WANTS_LIMIT = 1_024;
/** Peers with something wanted; each holds one block of 1 MiB in memory. */
const PEERS_LIMIT = 64;
/** A peer that does not take its answer in this time loses what it wanted. */
const IDLE_TIMEOUT_MS = 20_000;

export interface BitswapServerOptions {
  /** Bandwidth of what is served; may be shared. */
  readonly pace?: Pace;
  /** Bytes of a block that was sent. */
  readonly onServed?: (peer: string, bytes: number) => void;
}

/** What a peer wants, by CID. */
type Wanted = Map<string, Want>;

/**
 * Answers Bitswap from a store, so that IPFS nodes can take from it what they name. It asks for nothing and keeps no
 * account of anyone; memory is one block a peer, whatever is wanted.
 */
export class BitswapServer implements AsyncDisposable {
  readonly #host: StreamHost;
  readonly #store: BlockReader;
  readonly #options: BitswapServerOptions;
  readonly #wanted = new Map<string, Wanted>();
  readonly #answering = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #registration: AsyncDisposable | null = null;

  private constructor(host: StreamHost, store: BlockReader, options: BitswapServerOptions) {
    this.#host = host;
    this.#store = store;
    this.#options = options;
  }

  static async start(
    host: StreamHost,
    store: BlockReader,
    options: BitswapServerOptions = {},
  ): Promise<BitswapServer> {
    const server = new BitswapServer(host, store, options);
    server.#registration = await host.handle(BITSWAP_PROTOCOL, (stream) => server.#listen(stream));
    return server;
  }

  /** One stream of a peer: any number of messages. What is no message ends the stream. */
  async #listen(stream: DuplexStream): Promise<void> {
    for await (const message of readMessages(stream.source, MESSAGE_LIMIT_BYTES))
      this.#take(stream.peer.id, decodeWants(message));
  }

  #take(peer: string, { full, wants }: ReturnType<typeof decodeWants>): void {
    const known = this.#wanted.get(peer);
    if (known === undefined && this.#wanted.size >= PEERS_LIMIT) return;
    const wanted: Wanted = known ?? new Map();
    if (full) wanted.clear();
    for (const want of wants) {
      const key = Buffer.from(want.cidBytes).toString('base64');
      if (want.type === 'cancel') wanted.delete(key);
      else if (wanted.has(key) || wanted.size < WANTS_LIMIT) wanted.set(key, want);
    }
    if (known !== undefined || wanted.size === 0) return; // its answering goes on
    this.#wanted.set(peer, wanted);
    const answering = this.#answer(peer, wanted)
      .catch(() => this.#forget(peer, wanted)) // the peer has gone; it asks again when it is back
      .finally(() => this.#answering.delete(answering));
    this.#answering.add(answering);
  }

  #forget(peer: string, wanted: Wanted): void {
    if (this.#wanted.get(peer) === wanted) this.#wanted.delete(peer);
  }

  /** Sends, one by one, what a peer wants and what it comes to want meanwhile. */
  async #answer(peer: string, wanted: Wanted): Promise<void> {
    const { signal } = this.#stop;
    const stream = await this.#host.open(peer, BITSWAP_PROTOCOL, { signal });
    try {
      for (const [key, want] of wanted) {
        wanted.delete(key); // the loop goes on with what is added behind
        const answer = await this.#answerOf(want);
        if (answer !== null) await this.#send(stream, answer, signal);
      }
      this.#forget(peer, wanted); // what is wanted from now on has a stream of its own
      await stream.closeWrite();
      if ((await within(IDLE_TIMEOUT_MS, signal, () => drain(stream.source))) === 'timed-out')
        throw new Error('the peer does not close');
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('the answer failed'));
      throw error;
    }
  }

  async #answerOf({ cid, cidBytes, type, sendDontHave }: Want): Promise<Answer | null> {
    const absent: Answer | null = sendDontHave ? { type: 'dont-have', cidBytes } : null;
    if (cid === null || !(await this.#store.hasBlock(cid))) return absent;
    if (type === 'have') return { type: 'have', cidBytes };
    try {
      const bytes = await this.#store.block(cid);
      return bytes === null ? absent : { type: 'block', cidBytes, bytes };
    } catch (error) {
      // A file that changed since it was published is not ours to give.
      if (error instanceof OversightError && error.code === 'blob-corrupt') return absent;
      throw error;
    }
  }

  async #send(stream: DuplexStream, answer: Answer, signal: AbortSignal): Promise<void> {
    if (answer.type === 'block') await this.#options.pace?.take(answer.bytes.length, { signal });
    for (const part of encodeAnswer(answer)) {
      if (part.length === 0) continue;
      const written = await within(IDLE_TIMEOUT_MS, signal, (inner) => stream.write(part, { signal: inner }));
      if (written === 'timed-out') throw new Error('the peer takes nothing');
    }
    if (answer.type === 'block') this.#options.onServed?.(stream.peer.id, answer.bytes.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    const registration = this.#registration;
    this.#registration = null;
    await registration?.[Symbol.asyncDispose]();
    await Promise.all(this.#answering);
  }
}

/** A stream counts until both ends have closed it. */
async function drain(source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of source) {
    // Bitswap answers on a stream of its own; what comes here is dropped
  }
}
