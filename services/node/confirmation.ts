import { OversightError } from '../../protocols/base/errors.ts';
import type { AnswerListener, PeerRef } from '../network/index.ts';

/** Exchanges with one peer that may break off before it is no longer waited for: it is asked when it comes, and soon again. */
const FAILURES_LIMIT = 2;

/** Whether a node knows how far its own feed goes. */
export type ConfirmationState = 'unconfirmed' | 'confirmed';

export interface ConfirmationOptions {
  readonly peers: () => readonly PeerRef[];
  readonly onAnswer: (listener: AnswerListener) => void;
  /** There is no one to ask: a federation of one, or an operator who says so. */
  readonly alone: boolean;
}

/**
 * Keeps a node silent until its peers have told it how far its own feed goes. A node that was restored from an old copy,
 * or lost its ledger, would else use sequences again that others have messages for, which is a fork. spec 11-network §4.11
 */
export class Confirmation {
  readonly #options: ConfirmationOptions;
  readonly #answered = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #confirmed = Promise.withResolvers<void>();
  #state: ConfirmationState = 'unconfirmed';

  constructor(options: ConfirmationOptions) {
    this.#options = options;
    if (options.alone) this.#confirm();
    else options.onAnswer((peer, result) => this.#hear(peer, result));
  }

  get state(): ConfirmationState {
    return this.#state;
  }

  /** Resolves once the node may speak. */
  get confirmed(): Promise<void> {
    return this.#confirmed.promise;
  }

  /** @throws OversightError `feed-unconfirmed` */
  assert(): void {
    if (this.#state === 'confirmed') return;
    throw new OversightError(
      'feed-unconfirmed',
      'no peer has told yet how far the own feed goes; connect one, or set speakAlone for a node that has none',
    );
  }

  #hear(peer: PeerRef, result: Parameters<AnswerListener>[1]): void {
    if (this.#state === 'confirmed') return;
    if (result === null) {
      this.#failures.set(nameOf(peer), (this.#failures.get(nameOf(peer)) ?? 0) + 1);
    } else if (result.skipped === 0) {
      // what it claims beyond what it gave is its word alone: every message of ours bears our signature
      this.#answered.add(nameOf(peer));
    }
    const missing = this.#options.peers().filter((each) => !this.#answered.has(nameOf(each)));
    const hopeless = missing.every((each) => (this.#failures.get(nameOf(each)) ?? 0) >= FAILURES_LIMIT);
    if (this.#answered.size > 0 && hopeless) this.#confirm();
  }

  #confirm(): void {
    this.#state = 'confirmed';
    this.#answered.clear();
    this.#failures.clear();
    this.#confirmed.resolve();
  }
}

const nameOf = (peer: PeerRef) => `${peer.transport}/${peer.id}`;
