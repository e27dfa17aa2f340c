import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { type NatsConnection, NoRespondersError, PermissionViolationError } from '@nats-io/transport-node';
import { type ErrorCode, messageOf, OversightError } from '../../../protocols/base/errors.ts';
import { MEMBERS_LIMIT, MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { BoundedMap } from '../bounded-map.ts';
import { throwIfStopped, untilStopped } from '../deadline.ts';
import type { Handlers, Outgoing, PeerEvent, PeerRef, Transport } from '../transport.ts';
import { connectNats, type NatsServerOptions } from './connection.ts';
import { requestExchange, serveExchanges } from './exchange.ts';
import { takeIn } from './intake.ts';
import { Presence } from './presence.ts';
import { ensureConsumer, ensureStream } from './stream.ts';
import { type Subjects, subjectsOf } from './subjects.ts';

const RETRY_FIRST_MS = 250;
const RETRY_LAST_MS = 10_000;
const PUBLISH_TIMEOUT_MS = 5_000;
/** The server gives a message to us again when no answer came for this long. */
const ACK_WAIT_MS = 30_000;
/** JetStream: message size exceeds the stream's maximum. */
const MESSAGE_TOO_LARGE = 10054;

export interface NatsTransportOptions extends Omit<NatsServerOptions, 'clientName' | 'inboxPrefix'> {
  readonly federation: string;
  /** Our own did:key: names the durable consumer and the sync subject. */
  readonly member: string;
  /** Members whose presence and requests count. */
  readonly admits: (member: string) => boolean;
  /** `fail`: start() throws nats-unreachable. `wait`: start() resolves and the transport connects when it can. */
  readonly whenUnreachable: 'fail' | 'wait';
  readonly ackWaitMs?: number;
}

export interface NatsState {
  readonly state: 'connecting' | 'connected' | 'reconnecting' | 'closed';
  /** Of the server, once connected. */
  readonly version: string | null;
  /** Why the last try failed, until one succeeds. */
  readonly failure: ErrorCode | null;
}

/** JetStream carries the federation's messages; the ledger, not the stream, is their store. */
export class NatsTransport implements Transport {
  readonly name = 'nats';
  readonly paced = true;
  readonly #options: NatsTransportOptions;
  readonly #subjects: Subjects;
  readonly #presence: Presence;
  readonly #listeners = new Set<(event: PeerEvent) => void>();
  readonly #blocked = new BoundedMap<string, number>(MEMBERS_LIMIT);
  readonly #stop = new AbortController();
  readonly #ready = Promise.withResolvers<NatsConnection>();
  readonly #tasks = new Set<Promise<void>>();
  #turn = new AbortController();
  #reconnected = Promise.withResolvers<false>();
  #connection: NatsConnection | null = null;
  #followed: Promise<void> | null = null;
  #state: NatsState = { state: 'connecting', version: null, failure: null };
  #disposed: Promise<void> | null = null;

  constructor(options: NatsTransportOptions) {
    this.#options = options;
    this.#subjects = subjectsOf(options.federation);
    this.#presence = new Presence({
      self: options.member,
      subject: this.#subjects.presence,
      admits: options.admits,
      tell: (event) => {
        for (const listener of this.#listeners) listener(event);
      },
    });
  }

  get state(): NatsState {
    return this.#state;
  }

  async start(handlers: Handlers, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    throwIfStopped(signal);
    throwIfStopped(this.#stop.signal);
    if (this.#options.whenUnreachable === 'fail') {
      await untilStopped(this.#connect(handlers), signal);
    } else {
      this.#own(this.#connectEventually(handlers));
    }
  }

  async #connectEventually(handlers: Handlers): Promise<void> {
    for (
      let waitMs = RETRY_FIRST_MS;
      !this.#stop.signal.aborted;
      waitMs = Math.min(2 * waitMs, RETRY_LAST_MS)
    ) {
      try {
        await this.#connect(handlers);
        return;
      } catch (error) {
        this.#failed(error);
        await this.#pause(waitMs);
      }
    }
  }

  async #connect(handlers: Handlers): Promise<void> {
    const clientName = `oversight ${this.#options.member}`;
    const inboxPrefix = this.#subjects.inbox(this.#options.member);
    const connection = await connectNats({ ...this.#options, clientName, inboxPrefix });
    try {
      throwIfStopped(this.#stop.signal);
      await this.#ensure(connection);
      throwIfStopped(this.#stop.signal);
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.#connection = connection;
    this.#connected();
    this.#followed = this.#follow(connection);
    serveExchanges(connection, this.#subjects.sync(this.#options.member), handlers.serve.bind(handlers), {
      signal: this.#stop.signal,
      accepts: (member) => this.#options.admits(member) && !this.#isBlocked(member),
    });
    this.#presence.attach(connection);
    await connection.flush(); // from here on the server knows what we listen to
    this.#own(this.#consume(connection, handlers));
    this.#ready.resolve(connection);
  }

  /** Makes stream and consumer; both may have gone with a server's disk. */
  async #ensure(connection: NatsConnection) {
    try {
      const manager = await ensureStream(connection, this.#subjects);
      return await ensureConsumer(manager, connection, {
        stream: this.#subjects.stream,
        durable: this.#subjects.durable(this.#options.member),
        ackWaitMs: this.#options.ackWaitMs ?? ACK_WAIT_MS,
      });
    } catch (cause) {
      if (isPermissionError(cause))
        throw new OversightError('permission-denied', 'our NATS user may not use the stream', { cause });
      throw new OversightError(
        'nats-unreachable',
        `the NATS server gives no stream (is JetStream enabled?): ${messageOf(cause)}`,
        { cause },
      );
    }
  }

  /** Takes messages as long as the transport lives, whatever becomes of server, stream and consumer. */
  async #consume(connection: NatsConnection, handlers: Handlers): Promise<void> {
    const { signal } = this.#stop;
    let waitMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      this.#turn = new AbortController();
      const turn = AbortSignal.any([signal, this.#turn.signal]);
      try {
        const consumer = await untilStopped(this.#ensure(connection), turn);
        waitMs = RETRY_FIRST_MS;
        await takeIn(consumer, handlers.receive.bind(handlers), { signal: turn });
      } catch (error) {
        if (!turn.aborted) this.#failed(error);
      }
      if (this.#turn.signal.aborted) continue;
      await this.#pause(waitMs);
      waitMs = Math.min(2 * waitMs, RETRY_LAST_MS);
    }
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.#state = { ...this.#state, state: 'reconnecting', failure: 'nats-unreachable' };
        this.#presence.loseAll();
      } else if (status.type === 'reconnect') {
        this.#connected();
        this.#presence.announce();
        // anew: the client's own pull may sleep half a minute, and what was being asked has no answer coming
        this.#turn.abort();
        this.#reconnected.resolve(false);
        this.#reconnected = Promise.withResolvers();
      }
    }
  }

  #connected(): void {
    this.#state = { state: 'connected', version: this.#connection?.info?.version ?? null, failure: null };
  }

  #failed(error: unknown): void {
    const failure = error instanceof OversightError ? error.code : 'nats-unreachable';
    this.#state = { ...this.#state, failure };
  }

  /** Resolves when the server has the message on its disk; tries until then or until the signal fires. */
  async publish(message: Outgoing, options: { readonly signal: AbortSignal }): Promise<void> {
    if (message.wire.length > MESSAGE_LIMIT_BYTES)
      throw new OversightError('argument-invalid', 'the message is over the size limit');
    const signal = AbortSignal.any([options.signal, this.#stop.signal]);
    throwIfStopped(signal);
    const subject = this.#subjects.message(message.kind, message.author);
    const connection = await untilStopped(this.#ready.promise, signal);
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(2 * waitMs, RETRY_LAST_MS)) {
      try {
        const sent = jetstream(connection)
          .publish(subject, message.wire, { msgID: message.id, timeout: PUBLISH_TIMEOUT_MS })
          .then(() => true);
        // an answer lost with a connection does not come: ask again as soon as the server is back
        const taken = await untilStopped(Promise.race([sent, this.#reconnected.promise]), signal);
        if (taken) return;
        sent.catch(() => {});
      } catch (error) {
        throwIfStopped(signal);
        refuseFinal(error);
        await delay(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
        throwIfStopped(signal);
        // the stream may have gone with the server's disk
        if (isNoResponders(error)) await ensureStream(connection, this.#subjects).catch(() => {});
      }
    }
  }

  /**
   * Tells whoever listens on the server of an event of this node, at most once.
   * @returns false while there is no server to tell
   */
  tell(type: string, document: Uint8Array): boolean {
    if (this.#connection === null || this.#state.state !== 'connected') return false;
    this.#connection.publish(this.#subjects.event(this.#options.member, type), document);
    return true;
  }

  peers(): readonly PeerRef[] {
    return this.#presence
      .members()
      .filter((member) => !this.#isBlocked(member))
      .map((id) => ({ transport: 'nats', id }));
  }

  onPeer(listener: (event: PeerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async block(peer: PeerRef, durationMs: number): Promise<void> {
    this.#blocked.set(peer.id, Date.now() + durationMs);
  }

  #isBlocked(member: string): boolean {
    return (this.#blocked.get(member) ?? 0) > Date.now();
  }

  async *request(
    peer: PeerRef,
    request: Uint8Array,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<Uint8Array> {
    const signal = AbortSignal.any([options.signal, this.#stop.signal]);
    throwIfStopped(signal);
    if (this.#connection === null)
      throw new OversightError('node-unreachable', 'not connected to a NATS server');
    const self = this.#options.member;
    const [subject, inbox] = [this.#subjects.sync(peer.id), this.#subjects.inbox(self)];
    yield* requestExchange(this.#connection, subject, self, inbox, request, { signal });
  }

  #own(task: Promise<void>): void {
    const owned = task
      .catch((error: unknown) => this.#failed(error))
      .finally(() => this.#tasks.delete(owned));
    this.#tasks.add(owned);
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms * (0.5 + Math.random() / 2), undefined, { signal: this.#stop.signal }).catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  async #close(): Promise<void> {
    this.#stop.abort(new OversightError('cancelled', 'the transport is closed'));
    this.#ready.promise.catch(() => {});
    await this.#presence[Symbol.asyncDispose]();
    const connection = this.#connection;
    const online = this.#state.state === 'connected';
    // nothing can be asked or acknowledged without a server; what waits for one ends with the connection
    if (!online) await connection?.close();
    await Promise.all(this.#tasks);
    if (online) await connection?.drain().catch(() => connection.close());
    await this.#followed;
    this.#state = { ...this.#state, state: 'closed' };
    this.#listeners.clear();
  }
}

function refuseFinal(error: unknown): void {
  if (isPermissionError(error))
    throw new OversightError('permission-denied', 'our NATS user may not publish here', { cause: error });
  if (error instanceof JetStreamApiError && error.code === MESSAGE_TOO_LARGE)
    throw new OversightError('argument-invalid', 'the stream refuses messages of this size', {
      cause: error,
    });
}

function isNoResponders(error: unknown): boolean {
  return error instanceof NoRespondersError || causeOf(error) instanceof NoRespondersError;
}

function isPermissionError(error: unknown): boolean {
  return error instanceof PermissionViolationError || causeOf(error) instanceof PermissionViolationError;
}

const causeOf = (error: unknown) => (error instanceof Error ? error.cause : undefined);
