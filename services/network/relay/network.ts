import { createHash } from 'node:crypto';
import { OversightError } from '../../../protocols/base/errors.ts';
import { MEMBERS_LIMIT, MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import type { WitnessAnswer } from '../../../protocols/feed/index.ts';
import { BoundedMap } from '../bounded-map.ts';
import { Counters } from '../counters.ts';
import { throwIfStopped, untilStopped } from '../deadline.ts';
import { AskedPeer } from '../sync/ask.ts';
import { type AddCheckpoint, serveSync } from '../sync/serve.ts';
import type { SyncIntake, SyncSource } from '../sync/source.ts';
import { Syncer } from '../sync/syncer.ts';
import type { Decision, Outgoing, PeerEvent, PeerRef, Transport, TransportName } from '../transport.ts';
import { FairQueue } from './fair-queue.ts';
import { Outbox, type Outcome } from './outbox.ts';
import { type Offence, Standing } from './standing.ts';
import { type Clock, type Rate, TokenBuckets } from './token-bucket.ts';

/** Decisions remembered by the bytes they were about; the inbox's own memory is durable, this one spares it work. */
const SEEN_LIMIT = 16_384;
/** Peers a node keeps an account of, on all its transports. */
const ACCOUNTS_LIMIT = 4 * MEMBERS_LIMIT;
/** A federation speaks a few messages a minute; this is a tenth of what one core can verify, and bursts are allowed. */
const MESSAGE_RATE: Rate = { perSecond: 1_000, burst: 5_000 };
/** An exchange over a long feed asks for a range every few milliseconds. */
const REQUEST_RATE: Rate = { perSecond: 50, burst: 500 };
const BLOCK_MS = 300_000;
/**
 * Gossip with the inbox at once, and waiting for it: under what the transport holds (libp2p/transport.ts), so that who
 * floods fills its own line and not the transport. 56 MiB at most.
 */
const GOSSIP_LIMITS = { atWork: 384, waiting: 512 } as const;

/** What a message means is decided here, durably, by the node. */
export interface Inbox {
  /** @param arrival `live`: just spoken, by gossip; otherwise it may have waited, in a stream or in another node */
  accept(wire: Uint8Array, from: PeerRef, arrival: { readonly live: boolean }): Promise<Ruling>;
}

/** What the inbox made of one message, as far as the network need know. */
export interface Ruling {
  readonly decision: Decision;
  /** Accepted for the first time; `outgoing` is then what the other transports are given. */
  readonly fresh: boolean;
  readonly outgoing: Outgoing | null;
  /** Ignored for being more than its author's quota. */
  readonly overQuota?: boolean;
}

export interface Receipt {
  readonly transport: TransportName;
  readonly outcome: Outcome;
}

export interface NetworkOptions {
  readonly transports: readonly Transport[];
  readonly inbox: Inbox;
  readonly source: SyncSource;
  readonly intake: SyncIntake;
  /** Of a node that is a witness. */
  readonly addCheckpoint?: AddCheckpoint;
  /** The line in which gossip waits for the inbox, lines being served in turn: its author's, or as here its sender's. */
  readonly lineOf?: (wire: Uint8Array, from: PeerRef) => string;
  readonly syncIntervalMs?: number;
  readonly messageRate?: Rate;
  readonly clock?: Clock;
}

/** All transports as one: a message goes out on each, comes in once, and is carried from one to the others. */
export class Network implements AsyncDisposable {
  readonly counters = new Counters();
  readonly sync: Syncer;
  readonly #inbox: Inbox;
  readonly #source: SyncSource;
  readonly #addCheckpoint: AddCheckpoint | null;
  readonly #outboxes: readonly Outbox[];
  readonly #seen = new BoundedMap<string, Decision>(SEEN_LIMIT);
  readonly #judging = new Map<string, Promise<Decision>>();
  readonly #gossip = new FairQueue(GOSSIP_LIMITS);
  readonly #lineOf: (wire: Uint8Array, from: PeerRef) => string;
  readonly #messages: TokenBuckets;
  readonly #requests: TokenBuckets;
  readonly #standing: Standing;
  #disposed: Promise<void> | null = null;

  constructor(options: NetworkOptions) {
    const clock = options.clock ?? (() => performance.now());
    this.#inbox = options.inbox;
    this.#source = options.source;
    this.#addCheckpoint = options.addCheckpoint ?? null;
    this.#lineOf = options.lineOf ?? ((_, from) => keyOf(from));
    this.#outboxes = options.transports.map((transport) => new Outbox(transport, clock));
    this.#messages = new TokenBuckets(options.messageRate ?? MESSAGE_RATE, ACCOUNTS_LIMIT, clock);
    this.#requests = new TokenBuckets(REQUEST_RATE, ACCOUNTS_LIMIT, clock);
    this.#standing = new Standing(ACCOUNTS_LIMIT, clock);
    this.sync = new Syncer(
      {
        source: options.source,
        intake: options.intake,
        counters: this.counters,
        peers: () => this.peers(),
        onPeer: (listener) => this.onPeer(listener),
        request: (peer, request, opts) => this.#transport(peer).request(peer, request, opts),
        ingest: (wire, from) => this.#fetched(wire, from),
        misbehaved: (peer) => this.#offend(peer, 'garbage'),
      },
      options.syncIntervalMs === undefined ? {} : { intervalMs: options.syncIntervalMs },
    );
  }

  /** Starts every transport, then sync. When one fails, all are closed and its error is thrown. */
  async start({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    throwIfStopped(signal);
    try {
      await Promise.all(
        this.#outboxes.map(({ transport }) =>
          transport.start(
            {
              receive: (wire, from) => this.#receive(transport, wire, from),
              serve: (request, from, options) => this.#serve(request, from, options),
            },
            { signal },
          ),
        ),
      );
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
    this.sync.start();
  }

  /**
   * Gives our own message, durable by now, to every transport. Resolves when each has taken or refused it, which with
   * a server away is when it is back: pass a signal, or do not wait. When the signal fires the message stays queued.
   */
  async publish(
    message: Outgoing,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<readonly Receipt[]> {
    throwIfStopped(signal);
    if (message.wire.length > MESSAGE_LIMIT_BYTES)
      throw new OversightError('argument-invalid', 'the message is over the size limit');
    // our own echo need not be judged
    this.#seen.set(nameOf(message.wire), 'accept');
    return untilStopped(Promise.all(this.#outboxes.map((outbox) => this.#put(outbox, message))), signal);
  }

  /** Carries an accepted message on, for example one that waited for its predecessor. @param except where it came from */
  relay(message: Outgoing, except: TransportName | null): void {
    for (const outbox of this.#outboxes) {
      if (outbox.transport.name !== except) void this.#put(outbox, message);
    }
  }

  /** Asks a peer, as a witness, to cosign. spec 11-network §4.8 @throws OversightError `peer-failed`, `node-unreachable` */
  addCheckpoint(
    peer: PeerRef,
    body: string,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<WitnessAnswer> {
    const transport = this.#transport(peer);
    return new AskedPeer(peer, transport.request.bind(transport), signal).addCheckpoint(body);
  }

  /** What waits now, by queue. */
  depths(): Readonly<Record<string, number>> {
    return {
      gossip_waiting: this.#gossip.waiting,
      gossip_at_work: this.#gossip.atWork,
      judging: this.#judging.size,
      ...Object.fromEntries(
        this.#outboxes.map(({ transport, waiting }) => [`outbox_${transport.name}`, waiting]),
      ),
    };
  }

  peers(): readonly PeerRef[] {
    return this.#outboxes.flatMap(({ transport }) => transport.peers());
  }

  onPeer(listener: (event: PeerEvent) => void): () => void {
    const stops = this.#outboxes.map(({ transport }) => transport.onPeer(listener));
    return () => {
      for (const stop of stops) stop();
    };
  }

  async #put(outbox: Outbox, message: Outgoing): Promise<Receipt> {
    const outcome = await outbox.put(message);
    this.counters.add(OUTCOME_COUNT[outcome]);
    return { transport: outbox.transport.name, outcome };
  }

  /** Size, then rate, then the inbox. spec 11-network §2. */
  async #receive(transport: Transport, wire: Uint8Array, from: PeerRef): Promise<Decision> {
    if (wire.length > MESSAGE_LIMIT_BYTES) {
      this.counters.add('refused_oversize');
      if (!transport.paced) this.#offend(from, 'reject');
      return 'reject';
    }
    if (!transport.paced && !this.#messages.take(keyOf(from))) {
      this.counters.add('refused_rate');
      this.#offend(from, 'rate');
      return 'ignore';
    }
    const decision = await this.#judge(wire, from, !transport.paced);
    if (decision === 'reject' && !transport.paced) this.#offend(from, 'reject');
    return decision;
  }

  async #fetched(wire: Uint8Array, from: PeerRef): Promise<Decision> {
    if (wire.length > MESSAGE_LIMIT_BYTES) {
      this.counters.add('refused_oversize');
      return 'reject';
    }
    this.counters.add('sync_fetched');
    return this.#judge(wire, from, false);
  }

  /** One copy of a message is with the inbox at a time; the others wait for its decision. */
  async #judge(wire: Uint8Array, from: PeerRef, live: boolean): Promise<Decision> {
    const name = nameOf(wire);
    const known = this.#seen.get(name) ?? this.#judging.get(name);
    if (known !== undefined) {
      this.counters.add('duplicate');
      return known;
    }
    const judging = this.#ask(wire, from, live, name).finally(() => this.#judging.delete(name));
    this.#judging.set(name, judging);
    return judging;
  }

  async #ask(wire: Uint8Array, from: PeerRef, live: boolean, name: string): Promise<Decision> {
    let ruling: Ruling | null;
    const accept = () => this.#inbox.accept(wire, from, { live });
    try {
      ruling = live ? await this.#gossip.run(this.#lineOf(wire, from), accept) : await accept();
    } catch (error) {
      this.counters.add('received_failed');
      throw error; // not durable, so nothing may be acknowledged
    }
    if (ruling === null) {
      this.counters.add('shed_queue_full');
      return 'ignore';
    }
    if (ruling.overQuota === true) {
      this.counters.add('shed_over_quota');
      if (live) this.#offend(from, 'quota');
    }
    const { decision, fresh, outgoing } = ruling;
    this.counters.add(DECISION_COUNT[decision]);
    // what is ignored today (an author not yet in the charter) may be welcome tomorrow
    if (decision !== 'ignore') this.#seen.set(name, decision);
    if (decision === 'accept' && fresh && outgoing !== null) this.relay(outgoing, from.transport);
    return decision;
  }

  async *#serve(
    request: Uint8Array,
    from: PeerRef,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<Uint8Array> {
    if (!this.#requests.take(keyOf(from))) {
      this.counters.add('refused_requests');
      this.#offend(from, 'request');
      throw new OversightError('peer-failed', 'the peer asks too often');
    }
    this.counters.add('sync_served');
    yield* serveSync(this.#source, this.#addCheckpoint, request, from, options);
  }

  #offend(peer: PeerRef, offence: Offence): void {
    if (!this.#standing.offend(keyOf(peer), offence)) return;
    this.counters.add('blocked');
    void this.#transport(peer).block(peer, BLOCK_MS);
  }

  #transport(peer: PeerRef): Transport {
    const found = this.#outboxes.find(({ transport }) => transport.name === peer.transport);
    if (found === undefined) throw new OversightError('node-unreachable', `no transport ${peer.transport}`);
    return found.transport;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  async #close(): Promise<void> {
    await this.sync[Symbol.asyncDispose]();
    await Promise.all(this.#outboxes.map((outbox) => outbox[Symbol.asyncDispose]()));
    await Promise.all(this.#outboxes.map(({ transport }) => transport[Symbol.asyncDispose]()));
  }
}

const OUTCOME_COUNT = {
  taken: 'published',
  dropped: 'publish_dropped',
  failed: 'publish_failed',
} as const satisfies Record<Outcome, string>;

const DECISION_COUNT = {
  accept: 'received_accept',
  ignore: 'received_ignore',
  reject: 'received_reject',
} as const satisfies Record<Decision, string>;

const keyOf = (peer: PeerRef) => `${peer.transport}/${peer.id}`;

function nameOf(wire: Uint8Array): string {
  return createHash('sha256').update(wire).digest('base64');
}
