import { availableParallelism } from 'node:os';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { FederationId, MemberKey } from '../../../protocols/base/ids.ts';
import { MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { HASH_BYTES, TILE_WIDTH } from '../../../protocols/feed/index.ts';
import { type Message, open } from '../../../protocols/message/index.ts';
import { type OpeningContext, openingContext } from './context.ts';
import { jobOf, type Opened, type OpeningReply, openedOf, runJob } from './job.ts';
import { OpeningThread } from './opening-thread.ts';

/** Messages in one job: enough that handing it over costs little beside it, few enough that nobody waits long for it. */
const JOB_MESSAGES = 32;
/** Jobs that a thread holds, so that the next is there when one is done. */
const JOBS_LIMIT = 2;
/** What this thread opens itself before it looks what has come. */
const OWN_SHARE = 16;
/** Opened messages are passed on in such groups while more are coming, so that the ledger syncs the disk once for many. */
const GROUP = 128;
/** More threads than this and the ledger is what costs. */
const THREADS_LIMIT = 4;

interface Waiting {
  readonly wire: Uint8Array;
  readonly resolve: (opened: Opened) => void;
  readonly reject: (error: unknown) => void;
  /** Gives the answer; null before it is known. */
  settle: (() => void) | null;
}

/** What a signed head vouches for. */
export interface Vouched {
  readonly messages: readonly Message[];
  /** `leafHash` of each wire. */
  readonly leaves: readonly Uint8Array[];
}

export interface OpenerOptions {
  /** Threads beside this one; they start when there is work for them. Default: one a core but this one's. */
  readonly threads?: number;
}

/**
 * Opens messages on every core, and answers in the order in which they were asked about, so that feeds stay in order.
 * Few messages at a time are opened here and at once.
 */
export class Opener implements AsyncDisposable {
  readonly #federation: FederationId;
  readonly #context: OpeningContext;
  readonly #threadsLimit: number;
  readonly #threads: OpeningThread[] = [];
  /** In the order of arrival. */
  #waiting: Waiting[] = [];
  /** Of those waiting, how many are opened or in a job; they come first. */
  #begun = 0;
  #pumping = false;
  #closed = false;

  constructor(federation: FederationId, options: OpenerOptions = {}) {
    this.#federation = federation;
    this.#context = openingContext(federation);
    this.#threadsLimit = options.threads ?? Math.min(availableParallelism() - 1, THREADS_LIMIT);
  }

  /** Starts a thread before there is work: it takes a third of a second to be of use. */
  warm(): void {
    if (!this.#closed && this.#threadsLimit > 0) this.#freeThread();
  }

  /** @param wire kept by the message; not to be changed. @throws OversightError `cancelled` when closed before its turn */
  open(wire: Uint8Array): Promise<Opened> {
    if (this.#closed) return Promise.reject(stopping());
    // an oversized one is refused without being read, and fits no job
    if (this.#threadsLimit === 0 || wire.length > MESSAGE_LIMIT_BYTES)
      return Promise.resolve(open(wire, this.#context));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ wire, resolve, reject, settle: null });
      if (this.#pumping) return;
      this.#pumping = true;
      // after all that come in this turn: whoever waits for one answer sends the next in a microtask of its own, and
      // opening each as it came left the threads idle
      setImmediate(() => this.#pump());
    });
  }

  /**
   * Reads messages that their author's signed head vouches for, in another thread where there is one.
   * Null unless all are well-formed messages of this author, one after another from this sequence on.
   */
  async read(author: MemberKey, from: number, wires: readonly Uint8Array[]): Promise<Vouched | null> {
    const jobs: Promise<OpeningReply>[] = [];
    for (let at = 0; at < wires.length; at += TILE_WIDTH)
      jobs.push(this.#readJob(wires.slice(at, at + TILE_WIDTH)));
    const messages: Message[] = [];
    const leaves: Uint8Array[] = [];
    for (const reply of await Promise.all(jobs)) {
      const part = wires.slice(messages.length, messages.length + reply.ids.length);
      for (const [i, opened] of openedOf(reply, part, this.#federation).entries()) {
        if (!opened.ok || opened.value.author !== author) return null;
        if (opened.value.sequence !== from + messages.length) return null;
        messages.push(opened.value);
        leaves.push(reply.leaves.subarray(HASH_BYTES * i, HASH_BYTES * (i + 1)));
      }
    }
    return { messages, leaves };
  }

  async #readJob(wires: readonly Uint8Array[]): Promise<OpeningReply> {
    // few are read before a thread has been told of them
    const thread = wires.length < JOB_MESSAGES ? null : this.#leastBusyThread();
    const reply = (await thread?.run(jobOf(wires, 'head'))) ?? null;
    if (this.#closed) throw stopping();
    return reply ?? runJob(jobOf(wires, 'head'), this.#context);
  }

  #leastBusyThread(): OpeningThread | null {
    if (this.#threads.length < this.#threadsLimit) return this.#freeThread();
    const alive = this.#threads.filter(({ dead }) => !dead);
    return alive.sort((a, b) => a.jobs - b.jobs)[0] ?? null;
  }

  #pump(): void {
    this.#pumping = false;
    if (this.#closed) return;
    this.#handOut();
    const own = this.#waiting.slice(this.#begun, this.#begun + OWN_SHARE);
    this.#begun += own.length;
    for (const each of own) this.#openHere(each);
    this.#release();
    if (this.#begun === this.#waiting.length || this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => this.#pump());
  }

  /** Gives the threads what is more than this one would open in a moment. */
  #handOut(): void {
    while (this.#waiting.length - this.#begun >= JOB_MESSAGES) {
      const thread = this.#freeThread();
      if (thread === null) return;
      const batch = this.#waiting.slice(this.#begun, this.#begun + JOB_MESSAGES);
      this.#begun += batch.length;
      void this.#openIn(thread, batch);
    }
  }

  #freeThread(): OpeningThread | null {
    const free = this.#threads.find(({ jobs, dead }) => !dead && jobs < JOBS_LIMIT);
    if (free !== undefined) return free;
    if (this.#threads.length >= this.#threadsLimit) return null;
    const thread = new OpeningThread(this.#federation);
    this.#threads.push(thread);
    return thread;
  }

  async #openIn(thread: OpeningThread, batch: readonly Waiting[]): Promise<void> {
    const wires = batch.map(({ wire }) => wire);
    const reply = await thread.run(jobOf(wires, 'signature'));
    if (this.#closed) return;
    const opened = reply === null ? null : openedOf(reply, wires, this.#federation);
    for (const [i, each] of batch.entries()) {
      const known = opened?.[i];
      if (known === undefined) this.#openHere(each);
      else each.settle = () => each.resolve(known);
    }
    this.#handOut();
    this.#release();
  }

  #openHere(each: Waiting): void {
    try {
      const opened = open(each.wire, this.#context);
      each.settle = () => each.resolve(opened);
    } catch (error) {
      each.settle = () => each.reject(error);
    }
  }

  #release(): void {
    let ready = 0;
    while (this.#waiting[ready]?.settle) ready += 1;
    if (ready < Math.min(GROUP, this.#waiting.length)) return;
    this.#begun -= ready;
    for (const { settle } of this.#waiting.splice(0, ready)) settle?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(stopping());
    await Promise.all(this.#threads.map((thread) => thread[Symbol.asyncDispose]()));
  }
}

function stopping(): OversightError {
  return new OversightError('cancelled', 'the node is stopping');
}
