import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import type { VerifiedBlock } from '../block.ts';
import { notFound, throwIfCancelled } from '../failures.ts';
import { waitFor, within } from '../wait.ts';
import { type BlockSource, SourceError, type SourceFault, type SourceFaultCode } from './block-source.ts';
import { Demand } from './demand.ts';

/** Leaves asked for in one request: 8 MiB, enough to hide a round trip of 100 ms at 80 MB/s. */
const BATCH_BLOCKS = 8;
/** A leaf of 1 MiB in this time is 100 kB/s; a slower source holds back the faster ones. */
const STALL_TIMEOUT_MS = 10_000;
/** A source that fails this often in a row is left alone for the rest of the fetch. */
const STRIKES = 3;
const BUSY_WAIT_MS = 200;

export interface SwarmOptions {
  readonly stallTimeoutMs?: number;
  readonly onFault?: (fault: SourceFault) => void;
}

interface Member {
  readonly source: BlockSource;
  strikes: number;
  excluded: boolean;
}

/** Several sources as one: each takes what the others have not been asked for; what one lacks, the others are asked. */
export class Swarm {
  readonly #members: readonly Member[];
  readonly #stallTimeoutMs: number;
  readonly #onFault: (fault: SourceFault) => void;

  constructor(sources: readonly BlockSource[], options: SwarmOptions = {}) {
    const byName = new Map(sources.map((source) => [source.name, source]));
    this.#members = [...byName.values()].map((source) => ({ source, strikes: 0, excluded: false }));
    this.#stallTimeoutMs = options.stallTimeoutMs ?? STALL_TIMEOUT_MS;
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
    if (missing !== null) throw notFound(missing);
  }

  async #work(
    member: Member,
    demand: Demand,
    sink: (block: VerifiedBlock) => Promise<void>,
    progress: { busy: number },
    signal: AbortSignal,
  ): Promise<void> {
    while (demand.left > 0 && !member.excluded) {
      const changed = demand.changed;
      const batch = demand.take(member.source.name, BATCH_BLOCKS);
      if (batch.length === 0) {
        if (progress.busy === 0) return; // nobody is fetching, so nothing new will be offered
        await waitFor(changed, signal);
        continue;
      }
      progress.busy++;
      try {
        await this.#ask(member, batch, demand, sink, signal);
      } finally {
        progress.busy--;
        demand.giveBack(member.source.name, [], 'lacks'); // wakes those who wait for work that will not come
      }
    }
  }

  async #ask(
    member: Member,
    batch: readonly ContentId[],
    demand: Demand,
    sink: (block: VerifiedBlock) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const stop = new AbortController();
    const exchange = AbortSignal.any([signal, stop.signal]);
    const blocks = member.source.blocks(batch, { signal: exchange })[Symbol.asyncIterator]();
    let why: 'lacks' | 'failed' = 'failed';
    try {
      for (;;) {
        const next = await within(this.#stallTimeoutMs, exchange, () => blocks.next());
        if (next === 'timed-out') throw new SourceError('stalled', `nothing in ${this.#stallTimeoutMs} ms`);
        if (next.done === true) break;
        if (demand.done(next.value.cid)) await sink(next.value);
        member.strikes = 0;
      }
      why = 'lacks';
    } catch (error) {
      if (signal.aborted || error instanceof OversightError) throw error;
      await this.#punish(member, error, signal);
    } finally {
      stop.abort();
      demand.giveBack(member.source.name, batch, why);
      // A generator that hangs cannot be returned from; its signal has aborted, and that is all we can do.
      blocks.return?.()?.catch(() => undefined);
    }
  }

  async #punish(member: Member, error: unknown, signal: AbortSignal): Promise<void> {
    if (!(error instanceof SourceError)) throw error;
    const code: SourceFaultCode = error.code;
    member.strikes++;
    // A lie is never an accident of the network: TCP and the transport's own encryption carry check sums.
    member.excluded = code === 'block-wrong' || code === 'answer-invalid' || member.strikes >= STRIKES;
    this.#onFault({ source: member.source.name, code, detail: messageOf(error) });
    if (code === 'busy' && !member.excluded) await delay(BUSY_WAIT_MS, undefined, { signal });
  }
}
