import { setTimeout as delay } from 'node:timers/promises';
import type { ContentId } from '../../../protocols/base/ids.ts';
import type { VerifiedBlock } from '../block.ts';
import { notFound, throwIfCancelled } from '../failures.ts';
import type { Pace } from '../pace.ts';
import { LEAF_BYTES } from '../unixfs/profile.ts';
import { waitFor, within } from '../wait.ts';
import { type BlockSource, SourceError, type SourceFault, type SourceFaultCode } from './block-source.ts';
import { Demand } from './demand.ts';

/** Leaves asked for in one request: 8 MiB, enough to hide a round trip of 100 ms at 80 MB/s. */
const BATCH_BLOCKS = 8;
/** A leaf of 1 MiB in this time is 100 kB/s; a slower source holds back the faster ones. */
const STALL_TIMEOUT_MS = 10_000;
/** A source that fails this often in a row is left alone for the rest of the fetch. */
const STRIKES = 3;
/** A busy source is asked again after 0.2 s, 0.4 s and so on up to 5 s, and left alone after about 40 s of that. */
const BUSY = { firstMs: 200, mostMs: 5_000, times: 12 };

export interface SwarmOptions {
  readonly stallTimeoutMs?: number;
  /** Bandwidth of this fetch, or of all that share it. */
  readonly pace?: Pace;
  readonly onFault?: (fault: SourceFault) => void;
}

interface Member {
  readonly source: BlockSource;
  /** The cheaper way to the same store. */
  readonly first: Member | null;
  strikes: number;
  busy: number;
  /** Why it is asked no more. */
  excluded: SourceFaultCode | null;
  /** Ends its other exchanges then. */
  readonly gone: AbortController;
}

/** Several sources as one: each takes what the others have not been asked for; what one lacks, the others are asked. */
export class Swarm {
  readonly #members: readonly Member[];
  readonly #stallTimeoutMs: number;
  readonly #pace: Pace | null;
  readonly #onFault: (fault: SourceFault) => void;

  constructor(sources: readonly BlockSource[], options: SwarmOptions = {}) {
    const byName = new Map(sources.map((source) => [source.name, source]));
    const members = new Map<string, Member>();
    for (const source of [...byName.values()].sort(standbysLast)) {
      const first = members.get(source.insteadOf ?? '') ?? null;
      members.set(source.name, {
        source,
        first,
        strikes: 0,
        busy: 0,
        excluded: null,
        gone: new AbortController(),
      });
    }
    this.#members = [...members.values()];
    this.#stallTimeoutMs = options.stallTimeoutMs ?? STALL_TIMEOUT_MS;
    this.#pace = options.pace ?? null;
    this.#onFault = options.onFault ?? (() => undefined);
  }

  /**
   * Brings each block once to `sink`, in any order, one at a time from each lane of a source.
   * @throws OversightError `blob-not-found` when no source is left that could have it, `cancelled`; what `sink` throws.
   */
  async fetch(
    cids: Iterable<ContentId>,
    sink: (block: VerifiedBlock) => Promise<void>,
    options: { readonly signal: AbortSignal },
  ): Promise<void> {
    throwIfCancelled(options.signal);
    const demand = new Demand(cids);
    const stop = new AbortController();
    const signal = AbortSignal.any([options.signal, stop.signal]);
    const progress = { busy: 0 };
    const failures: unknown[] = [];
    const lanes = this.#members.flatMap((member) => Array<Member>(member.source.lanes ?? 1).fill(member));
    const workers = lanes.map((member) =>
      this.#work(member, demand, sink, progress, signal).catch((error: unknown) => {
        failures.push(error);
        stop.abort();
      }),
    );
    await Promise.all(workers);
    throwIfCancelled(options.signal);
    if (failures.length > 0) throw failures[0];
    const missing = demand.firstWaiting();
    if (missing !== null) throw notFound(missing, this.#leftAlone());
  }

  /** Sources that are asked no more, each with its fault. */
  #leftAlone(): string {
    const all = this.#members.filter(({ excluded }) => excluded !== null);
    return all.map(({ source, excluded }) => `${source.name} (${excluded})`).join(', ');
  }

  async #work(
    member: Member,
    demand: Demand,
    sink: (block: VerifiedBlock) => Promise<void>,
    progress: { busy: number },
    signal: AbortSignal,
  ): Promise<void> {
    while (demand.left > 0 && member.excluded === null) {
      const changed = demand.changed;
      if (member.first !== null && isLie(member.first.excluded)) return;
      // what is paced is asked for one by one: nothing waits in the network, where it would look stalled
      const most = this.#pace === null ? BATCH_BLOCKS : 1;
      const isStandby = member.first !== null && member.first.excluded === null;
      const batch = isStandby ? [] : demand.take(member.source.name, most);
      if (batch.length === 0) {
        if (progress.busy === 0) return; // nobody is fetching, so nothing new will be offered
        await waitFor(changed, signal);
        continue;
      }
      progress.busy++;
      try {
        await this.#pace?.take(LEAF_BYTES, { signal });
        const bytes = await this.#ask(member, batch, demand, sink, signal);
        this.#pace?.giveBack(LEAF_BYTES - bytes);
      } finally {
        progress.busy--;
        demand.giveBack(member.source.name, [], 'lacks'); // wakes those who wait for work that will not come
      }
    }
  }

  /** Bytes that came. */
  async #ask(
    member: Member,
    batch: readonly ContentId[],
    demand: Demand,
    sink: (block: VerifiedBlock) => Promise<void>,
    signal: AbortSignal,
  ): Promise<number> {
    const stop = new AbortController();
    const exchange = AbortSignal.any([signal, stop.signal, member.gone.signal]);
    const blocks = member.source.blocks(batch, { signal: exchange })[Symbol.asyncIterator]();
    let bytes = 0;
    let why: 'lacks' | 'failed' = 'failed';
    try {
      for (;;) {
        const next = await within(this.#stallTimeoutMs, exchange, () => blocks.next());
        if (next === 'timed-out') throw new SourceError('stalled', `nothing in ${this.#stallTimeoutMs} ms`);
        if (next.done === true) break;
        bytes += next.value.bytes.length;
        if (demand.done(next.value.cid)) await sink(next.value);
        member.strikes = 0;
        member.busy = 0;
      }
      why = 'lacks';
    } catch (error) {
      if (signal.aborted) throw error;
      if (member.gone.signal.aborted) return bytes; // another lane met the fault, and told
      if (!(error instanceof SourceError)) throw error;
      this.#punish(member, error);
    } finally {
      stop.abort();
      demand.giveBack(member.source.name, batch, why);
      // A generator that hangs cannot be returned from; its signal has aborted, and that is all we can do.
      blocks.return?.()?.catch(() => undefined);
    }
    if (why === 'failed' && member.busy > 0 && member.excluded === null)
      await delay(Math.min(BUSY.firstMs * 2 ** (member.busy - 1), BUSY.mostMs), undefined, { signal });
    return bytes;
  }

  #punish(member: Member, { code, message }: SourceError): void {
    if (code === 'busy') member.busy++;
    else member.strikes++;
    if (isLie(code) || member.strikes >= STRIKES || member.busy >= BUSY.times) member.excluded = code;
    this.#onFault({ source: member.source.name, code, detail: message });
    if (member.excluded !== null) member.gone.abort();
  }
}

/** A lie is never an accident of the network: TCP and the transport's own encryption carry check sums. */
function isLie(code: SourceFaultCode | null): boolean {
  return code === 'block-wrong' || code === 'answer-invalid';
}

function standbysLast(a: BlockSource, b: BlockSource): number {
  return Number(a.insteadOf !== undefined) - Number(b.insteadOf !== undefined);
}
