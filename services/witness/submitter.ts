import { OversightError } from '../../protocols/base/errors.ts';
import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import {
  checkpointNote,
  checkpointText,
  formatWitnessRequest,
  type Hash,
  type Head,
  type NoteKey,
  readWitnessAnswer,
  type WitnessAnswer,
} from '../../protocols/feed/index.ts';
import type { Ed25519 } from '../../protocols/identity/ed25519.ts';
import type { SubmissionMemory } from './ports.ts';

/** After an append, for others that come with it. */
export const SUBMIT_DELAY_MS = 50;
/** A witness that is away or refuses is asked again after this, then twice as long, and so on. */
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 60_000;
/** What no peer that comes and goes can shorten. */
const LEAST_PAUSE_MS = 200;
/** Answers in a row that name another size; an honest witness names its own once. */
const STALE_LIMIT = 4;
/** One request, on whichever carrier answers. */
const REQUEST_TIMEOUT_MS = 10_000;

/** One witness, and how to reach it. */
export interface WitnessTarget {
  /** did:key */
  readonly witness: MemberKey;
  /** What its answers are checked with. */
  readonly noteKey: NoteKey;
  /** True when it publishes what it cosigns itself; otherwise we do. */
  readonly publishes: boolean;
  /** @throws when no carrier answers */
  ask(body: string, options: { readonly signal: AbortSignal }): Promise<WitnessAnswer>;
}

/** Our own feed, as witnesses are shown it. */
export interface OwnFeed {
  /** Messages in it. */
  size(): number;
  /** The head to be witnessed: that just after the last message that is no `cosignatures/1`; null where there is none. */
  head(): Head | null;
  consistency(from: number, to: number): readonly Hash[];
}

/** What happened to one request, for the log and the metrics. */
export interface Submission {
  readonly witness: MemberKey;
  readonly outcome: 'cosigned' | 'stale' | 'refused' | 'unreachable' | 'ahead';
  readonly size: number;
  /** Of the answer; null when there was none. */
  readonly status: number | null;
}

export interface SubmitterOptions {
  readonly federation: FederationId;
  readonly feed: OwnFeed;
  readonly targets: () => readonly WitnessTarget[];
  readonly memory: SubmissionMemory;
  readonly ed25519: Ed25519;
  /** Told after each request. */
  readonly onSubmission: (submission: Submission) => void;
  /** Told when something has come into the outbox. */
  readonly onCosigned: () => void;
  /** Told when our own memory or feed failed; tried again later. */
  readonly onFault: (error: unknown) => void;
  readonly delayMs?: number;
}

/** Shows our head to every witness until each has cosigned it. spec 14-witnesses §4 */
export class Submitter implements AsyncDisposable {
  readonly #options: SubmitterOptions;
  readonly #running = new Map<MemberKey, Promise<void>>();
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: SubmitterOptions) {
    this.#options = options;
  }

  /** Our feed has grown. */
  grown(): void {
    if (this.#timer !== null || this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#start();
    }, this.#options.delayMs ?? SUBMIT_DELAY_MS);
  }

  /** A witness may have come back: none waits any longer. */
  retry(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
    this.grown();
  }

  #start(): void {
    for (const target of this.#options.targets()) {
      if (this.#stop.signal.aborted) return;
      if (this.#running.has(target.witness)) continue;
      const task = this.#follow(target.witness).finally(() => this.#running.delete(target.witness));
      this.#running.set(target.witness, task);
    }
  }

  /** Until this witness has cosigned our head, or is a witness no more. */
  async #follow(witness: MemberKey): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      const target = this.#options.targets().find((each) => each.witness === witness);
      const head = this.#options.feed.head();
      if (target === undefined || head === null) return;
      if (this.#options.memory.submitted(head.author, witness) >= head.size) return;
      const done = await this.#submit(target, head).catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#options.onFault(error);
        return false;
      });
      failures = done ? 0 : failures + 1;
      if (!done) await this.#pause(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LAST_PAUSE_MS));
    }
  }

  /** One head to one witness, from whatever size the witness names. @returns whether it has cosigned it */
  async #submit(target: WitnessTarget, head: Head): Promise<boolean> {
    const { memory, feed } = this.#options;
    const { witness } = target;
    let old = memory.submitted(head.author, witness);
    for (let tries = 0; tries < STALE_LIMIT; tries++) {
      const reply = await this.#ask(target, head, old);
      if (reply === null) return false;
      if (reply.kind === 'cosigned') {
        const cosigned = { feed: head.author, size: head.size, root: head.root, head: head.signature };
        const outgoing = target.publishes ? null : { ...cosigned, witness, ...reply.cosignature };
        memory.setSubmitted(head.author, witness, head.size, outgoing);
        if (outgoing !== null) this.#options.onCosigned();
        return true;
      }
      if (reply.kind === 'refused') return false;
      // spec 14-witnesses §4.3: more than we have said, as far as we remember; nothing may be signed over it
      if (reply.size > feed.size()) {
        this.#options.onSubmission({ witness, outcome: 'ahead', size: reply.size, status: 409 });
        return false;
      }
      // it has seen a larger head of ours than this one: that one is covered
      if (reply.size > head.size) {
        memory.setSubmitted(head.author, witness, reply.size, null);
        return true;
      }
      old = reply.size;
    }
    return false;
  }

  async #ask({ witness, noteKey, ask }: WitnessTarget, head: Head, old: number) {
    const { federation, feed, ed25519, onSubmission } = this.#options;
    const note = checkpointNote(head, federation);
    const body = formatWitnessRequest(old, feed.consistency(old, head.size), note);
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    let answer: WitnessAnswer;
    try {
      answer = await ask(body, { signal });
    } catch {
      // what failed is the carrier's to tell; here it is a witness that is away
      onSubmission({ witness, outcome: 'unreachable', size: head.size, status: null });
      return null;
    }
    const reply = readWitnessAnswer(answer, checkpointText(federation, head), noteKey, ed25519);
    onSubmission({ witness, outcome: reply.kind, size: head.size, status: answer.status });
    return reply;
  }

  /** Ends early, though not at once, when a witness may have come back; at once when the node stops. */
  async #pause(delayMs: number): Promise<void> {
    const wake = this.#wake.signal;
    await waited(LEAST_PAUSE_MS, this.#stop.signal);
    await waited(delayMs - LEAST_PAUSE_MS, AbortSignal.any([this.#stop.signal, wake]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new OversightError('cancelled', 'the node is stopping'));
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await Promise.all(this.#running.values());
  }
}

/** Resolves after the delay, or when the signal aborts. */
function waited(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
