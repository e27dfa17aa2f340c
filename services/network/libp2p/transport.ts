import { type GossipSubEvents, TopicValidatorResult } from '@libp2p/gossipsub';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import {
  MESSAGE_LIMIT_BYTES,
  SYNC_FRAME_LIMIT_BYTES,
  SYNC_FRAMES_LIMIT,
  SYNC_REQUEST_LIMIT_BYTES,
} from '../../../protocols/base/limits.ts';
import { Deadline, stopError, throwIfStopped, untilStoppedEach } from '../deadline.ts';
import type { Decision, Handlers, Outgoing, PeerEvent, PeerRef, Transport } from '../transport.ts';
import { decodeFrames, encodeFrame } from './frames.ts';
import type { Libp2pHost } from './host.ts';
import type { DuplexStream } from './stream-host.ts';

const SYNC_PROTOCOL = '/oversight/sync/1';
/** Longest silence of either side within one exchange. */
const SILENCE_MS = 15_000;
/** Messages being judged at once; more are dropped and come back by sync. At 64 KiB each this bounds memory to 64 MiB. */
const IN_FLIGHT_LIMIT = 1_024;
const END = new Uint8Array(0);

const VALIDATOR_RESULT = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const satisfies Record<Decision, TopicValidatorResult>;

/** Gossip and sync over the node's libp2p host, which it borrows: disposing the transport leaves the host running. */
export class Libp2pTransport implements Transport {
  readonly name = 'libp2p';
  readonly paced = false;
  readonly #host: Libp2pHost;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #unlisten = new Set<() => void>();
  #dropped = 0;
  #sync: AsyncDisposable | null = null;
  #disposed: Promise<void> | null = null;

  constructor(host: Libp2pHost) {
    this.#host = host;
  }

  /** Messages dropped unread because too many were being judged. */
  get overloaded(): number {
    return this.#dropped;
  }

  async start(handlers: Handlers, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    throwIfStopped(signal);
    const { gossip, topic } = this.#host;
    const onMessage = (event: GossipSubEvents['gossipsub:message']) => this.#judge(handlers, event.detail);
    gossip.addEventListener('gossipsub:message', onMessage);
    this.#unlisten.add(() => {
      gossip.removeEventListener('gossipsub:message', onMessage);
      gossip.unsubscribe(topic);
    });
    gossip.subscribe(topic);
    this.#sync = await this.#host.handle(SYNC_PROTOCOL, (stream, options) =>
      answer(stream, handlers, options),
    );
  }

  #judge(handlers: Handlers, message: GossipSubEvents['gossipsub:message']['detail']): void {
    const { gossip, topic } = this.#host;
    if (message.msg.topic !== topic) return;
    // a string: with a PeerId object gossipsub forwards, but keeps no score
    const source = message.propagationSource.toString();
    const report = (decision: Decision) =>
      gossip.reportMessageValidationResult(message.msgId, source, VALIDATOR_RESULT[decision]);
    if (this.#running.size >= IN_FLIGHT_LIMIT) {
      this.#dropped += 1;
      report('ignore');
      return;
    }
    const task = handlers
      .receive(message.msg.data, { transport: 'libp2p', id: source })
      .catch((): Decision => 'ignore') // our failure, not the peer's; sync brings the message again
      .then((decision) => {
        if (!this.#stop.signal.aborted) report(decision);
      })
      .finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  async publish(message: Outgoing, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    throwIfStopped(signal);
    throwIfStopped(this.#stop.signal);
    if (message.wire.length > MESSAGE_LIMIT_BYTES)
      throw new OversightError('argument-invalid', 'the message is over the size limit');
    await this.#host.gossip.publish(this.#host.topic, message.wire);
  }

  peers(): readonly PeerRef[] {
    return this.#host.connectedPeers();
  }

  onPeer(listener: (event: PeerEvent) => void): () => void {
    const stop = this.#host.onPeer(listener);
    this.#unlisten.add(stop);
    return () => {
      this.#unlisten.delete(stop);
      stop();
    };
  }

  block(peer: PeerRef, durationMs: number): Promise<void> {
    return this.#host.block(peer.id, durationMs);
  }

  async *request(
    peer: PeerRef,
    request: Uint8Array,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<Uint8Array> {
    using deadline = new Deadline(SILENCE_MS, AbortSignal.any([options.signal, this.#stop.signal]));
    const { signal } = deadline;
    throwIfStopped(signal);
    const stream = await this.#host.open(peer.id, SYNC_PROTOCOL, { signal });
    try {
      await stream.write(encodeFrame(request), { signal });
      await stream.closeWrite();
      let frames = 0;
      for await (const frame of decodeFrames(stream.source, SYNC_FRAME_LIMIT_BYTES)) {
        if (frame.length === 0) return;
        frames += 1;
        if (frames > SYNC_FRAMES_LIMIT) throw new OversightError('peer-failed', 'an answer without end');
        yield frame;
        deadline.extend();
      }
      throw new OversightError('peer-failed', 'the answer ended before its end frame');
    } catch (cause) {
      if (signal.aborted) throw stopError(signal);
      if (cause instanceof OversightError) throw cause;
      throw new OversightError('peer-failed', `the exchange broke off: ${messageOf(cause)}`, { cause });
    } finally {
      stream.abort(new OversightError('cancelled', 'the exchange is over'));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  async #close(): Promise<void> {
    this.#stop.abort(new OversightError('cancelled', 'the transport is closed'));
    for (const stop of this.#unlisten) stop();
    this.#unlisten.clear();
    await this.#sync?.[Symbol.asyncDispose]();
  }
}

/** One exchange, served: one request frame in, frames out, an empty frame at the end. spec 11-network §4. */
async function answer(
  stream: DuplexStream,
  handlers: Handlers,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  using deadline = new Deadline(SILENCE_MS, options.signal);
  const { signal } = deadline;
  const onStop = () => stream.abort(new OversightError('peer-failed', 'the peer was silent'));
  signal.addEventListener('abort', onStop, { once: true });
  try {
    const request = await firstFrame(stream);
    for await (const frame of untilStoppedEach(handlers.serve(request, stream.peer, { signal }), signal)) {
      await stream.write(encodeFrame(frame), { signal });
      deadline.extend();
    }
    await stream.write(encodeFrame(END), { signal });
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(messageOf(error)));
  } finally {
    signal.removeEventListener('abort', onStop);
  }
}

async function firstFrame(stream: DuplexStream): Promise<Uint8Array> {
  for await (const frame of decodeFrames(stream.source, SYNC_REQUEST_LIMIT_BYTES)) return frame;
  throw new OversightError('peer-failed', 'a stream without a request');
}
