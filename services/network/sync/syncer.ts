import { OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import type { Counters } from '../counters.ts';
import type { PeerEvent, PeerRef } from '../transport.ts';
import { PeerGarbage } from './ask.ts';
import { type ExchangePort, type ExchangeResult, exchange } from './exchange.ts';

/** Every peer is asked this often even when nothing seems missing: gossip is lossy. */
export const SYNC_INTERVAL_MS = 30_000;
/** A new neighbour is asked again after this: what was said while gossip was still setting up went past it. */
const SETTLE_MS = 2_000;
/** Exchanges at once. */
const PARALLEL_LIMIT = 4;

/** An exchange with a peer that has ended; null when it broke off. */
export type AnswerListener = (peer: PeerRef, result: ExchangeResult | null) => void;

export interface SyncerPort extends Omit<ExchangePort, 'claimed'> {
  peers(): readonly PeerRef[];
  onPeer(listener: (event: PeerEvent) => void): () => void;
  /** A peer sent garbage. */
  misbehaved(peer: PeerRef): void;
  readonly counters: Counters;
}

/** Runs exchanges: when a peer comes, at an interval, and when told of a gap; one a peer at a time. */
export class Syncer implements AsyncDisposable {
  readonly #port: SyncerPort;
  readonly #intervalMs: number;
  readonly #waiting = new Map<string, PeerRef>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #settling = new Map<string, NodeJS.Timeout>();
  /** Feeds that an exchange fetches now. */
  readonly #claimed = new Set<MemberKey>();
  /** Peers whose feeds were left to another exchange, to be asked when one ends that left none itself. */
  readonly #passedOver = new Map<string, PeerRef>();
  readonly #listeners: AnswerListener[] = [];
  readonly #stop = new AbortController();
  #unlisten: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(port: SyncerPort, options: { readonly intervalMs?: number } = {}) {
    this.#port = port;
    this.#intervalMs = options.intervalMs ?? SYNC_INTERVAL_MS;
  }

  /** Told of every exchange that ends. */
  onAnswer(listener: AnswerListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#unlisten = this.#port.onPeer(({ peer, connected }) => {
      if (connected) this.#welcome(peer);
      else this.#forget(peer);
    });
    for (const peer of this.#port.peers()) this.#welcome(peer);
    this.#timer = setInterval(() => this.requestAll(), this.#intervalMs);
  }

  #welcome(peer: PeerRef): void {
    this.#forget(peer);
    this.request(peer);
    const again = setTimeout(() => {
      this.#settling.delete(nameOf(peer));
      this.request(peer);
    }, SETTLE_MS);
    this.#settling.set(nameOf(peer), again);
  }

  #forget(peer: PeerRef): void {
    this.#waiting.delete(nameOf(peer));
    this.#passedOver.delete(nameOf(peer));
    clearTimeout(this.#settling.get(nameOf(peer)));
    this.#settling.delete(nameOf(peer));
  }

  /** A message came whose predecessor is missing: the peer that sent it is asked, or everyone when it cannot be. */
  gap(from: PeerRef): void {
    const known = this.#port.peers().some((peer) => nameOf(peer) === nameOf(from));
    if (known) this.request(from);
    else this.requestAll();
  }

  requestAll(): void {
    for (const peer of this.#port.peers()) this.request(peer);
  }

  /** Asks this peer soon; once more if an exchange with it is running. */
  request(peer: PeerRef): void {
    if (this.#stop.signal.aborted) return;
    this.#waiting.set(nameOf(peer), peer);
    this.#next();
  }

  #next(): void {
    for (const [name, peer] of this.#waiting) {
      if (this.#running.size >= PARALLEL_LIMIT) return;
      if (this.#running.has(name)) continue;
      this.#waiting.delete(name);
      this.#passedOver.delete(name);
      const task = this.#exchange(peer).finally(() => {
        this.#running.delete(name);
        this.#resume(name);
        this.#next();
      });
      this.#running.set(name, task);
    }
  }

  /**
   * Asks those that were passed over. Not when one of them ends: what it was passed over for runs still, and it would be
   * asked again without end, until it refuses.
   */
  #resume(ended: string): void {
    if (this.#passedOver.has(ended)) return;
    const again = [...this.#passedOver.values()];
    this.#passedOver.clear();
    for (const passed of again) this.request(passed);
  }

  async #exchange(peer: PeerRef): Promise<void> {
    const { counters } = this.#port;
    const { signal } = this.#stop;
    try {
      const port = { ...this.#port, claimed: this.#claimed };
      const result = await exchange(port, peer, { signal });
      counters.add('sync_exchanges');
      counters.add('sync_vouched', result.vouched);
      if (result.heldBack > 0) counters.add('sync_held_back');
      if (result.stuck > 0) counters.add('sync_stuck');
      if (result.skipped > 0 && this.#running.size > 1) this.#passedOver.set(nameOf(peer), peer);
      for (const listener of this.#listeners) listener(peer, result);
    } catch (error) {
      if (signal.aborted) return;
      for (const listener of this.#listeners) listener(peer, null);
      counters.add('sync_failed');
      // anything else is an absent peer, or our own ledger, which reports its failures itself; the next turn tries again
      if (!(error instanceof PeerGarbage)) return;
      counters.add('sync_garbage');
      this.#port.misbehaved(peer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new OversightError('cancelled', 'sync has stopped'));
    clearInterval(this.#timer);
    for (const timer of this.#settling.values()) clearTimeout(timer);
    this.#settling.clear();
    this.#unlisten();
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }
}

const nameOf = (peer: PeerRef) => `${peer.transport}/${peer.id}`;
