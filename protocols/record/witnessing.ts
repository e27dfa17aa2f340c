import { equalBytes } from '../base/bytes.ts';
import type { MemberKey } from '../base/ids.ts';
import type { CharterHistory } from '../charter/index.ts';
import { fromBase64 } from '../codec/base64.ts';
import { quorumTime } from '../feed/index.ts';
import type { CosignatureEntry } from '../kinds/index.ts';
import type { HeldFeed } from './held-feed.ts';
import { isOf, type Kept } from './kept.ts';
import { doesCount, statusAt } from './message-status.ts';

/** One cosignature of one head, and the message that carries it. */
export interface Testimony {
  readonly feed: MemberKey;
  readonly size: number;
  /** Seconds since 1970, by the witness's clock. */
  readonly time: number;
  readonly witness: MemberKey;
  readonly carrier: HeldFeed;
  /** Of the carrier. */
  readonly sequence: number;
}

interface Waiting {
  readonly testimony: Testimony;
  readonly root: Uint8Array;
}

/**
 * Cosigned heads and, from them, by when each message was known. A head speaks for every message below its size where
 * its root is that of the chain held; the earliest time of each witness counts. spec 08-record §6
 */
export class Witnessing {
  #history: CharterHistory;
  /** Of each feed, heads whose root is that of the chain held. */
  readonly #heads = new Map<MemberKey, Testimony[]>();
  /** Of each feed and size, heads that the chain has not reached. */
  readonly #waiting = new Map<MemberKey, Map<number, Waiting[]>>();
  /** Of each feed and witness, the earliest time for each sequence; it never falls with the sequence. */
  #times = new Map<MemberKey, Map<string, number[]>>();
  /** Keys of outside witnesses that a version names: of others nothing is counted. */
  #outside: ReadonlySet<MemberKey>;

  constructor(history: CharterHistory) {
    this.#history = history;
    this.#outside = outsideOf(history);
  }

  /** Takes the heads that a message tells of; gives those whose root is that of a chain held. */
  add(message: Kept, carrier: HeldFeed, feedOf: (key: MemberKey) => HeldFeed | undefined): Testimony[] {
    if (!isOf(message, 'cosignatures/1')) return [];
    return message.body.entries.flatMap((entry) => {
      const testimony = testimonyOf(entry, carrier, message.sequence);
      const root = fromBase64(entry.root);
      const feed = feedOf(entry.feed);
      if (root === null) return [];
      if (feed !== undefined && entry.size <= feed.tree.size) {
        return equalBytes(feed.tree.root(entry.size), root) ? [this.#keep(testimony)] : [];
      }
      const waiting = this.#waiting.get(entry.feed) ?? new Map<number, Waiting[]>();
      this.#waiting.set(entry.feed, waiting);
      waiting.set(entry.size, [...(waiting.get(entry.size) ?? []), { testimony, root }]);
      return [];
    });
  }

  /** Heads that waited for the chain to grow from `from` to its size now, and whose root it has. */
  reach(feed: HeldFeed, from: number): Testimony[] {
    const waiting = this.#waiting.get(feed.key);
    if (waiting === undefined) return [];
    const reached: Testimony[] = [];
    for (let size = from + 1; size <= feed.tree.size; size++) {
      const here = waiting.get(size);
      if (here === undefined) continue;
      waiting.delete(size);
      const root = feed.tree.root(size);
      for (const { testimony, root: said } of here)
        if (equalBytes(root, said)) reached.push(this.#keep(testimony));
    }
    if (waiting.size === 0) this.#waiting.delete(feed.key);
    return reached;
  }

  #keep(testimony: Testimony): Testimony {
    const heads = this.#heads.get(testimony.feed) ?? [];
    heads.push(testimony);
    this.#heads.set(testimony.feed, heads);
    return testimony;
  }

  /**
   * Counts heads where no key declared compromised is concerned.
   * @returns sequences whose established time appeared or changed
   */
  count(testimony: Testimony, held: HeldFeed): number[] {
    const times = this.#timesFor(testimony, held);
    if (times === null) return [];
    const changed: number[] = [];
    improve(times, testimony, (at) => {
      const before = this.seconds(held.key, at);
      times[at] = testimony.time;
      if (this.seconds(held.key, at) !== before) changed.push(at);
    });
    return changed;
  }

  /** The list that a testimony speaks to; null where it counts for nothing. */
  #timesFor({ feed, size, witness, carrier, sequence }: Testimony, held: HeldFeed): number[] | null {
    const name = this.#nameOf(witness, carrier, sequence);
    // spec 08-record §6.4: nobody vouches for a feed of its own
    if (name === null || name === this.#history.of(feed)?.name || size > (held.stop?.at ?? size)) return null;
    const ofFeed = this.#times.get(feed) ?? new Map<string, number[]>();
    this.#times.set(feed, ofFeed);
    const times = ofFeed.get(name) ?? [];
    ofFeed.set(name, times);
    return times;
  }

  /**
   * Counts everything anew under a history. spec 08-record §6.5
   * @returns sequences of each feed whose established time is another
   */
  recount(history: CharterHistory, feeds: ReadonlyMap<MemberKey, HeldFeed>): Map<HeldFeed, number[]> {
    const before = new Witnessing(this.#history);
    before.#times = this.#times;
    this.#history = history;
    this.#outside = outsideOf(history);
    this.#times = new Map();
    this.#countAll(feeds);
    return this.#movedSince(before, feeds);
  }

  #countAll(feeds: ReadonlyMap<MemberKey, HeldFeed>): void {
    const lost: Testimony[] = [];
    const countAll = (testimonies: Iterable<Testimony>) => {
      for (const each of testimonies) {
        const held = feeds.get(each.feed);
        const times = held === undefined ? null : this.#timesFor(each, held);
        if (times === null) continue;
        improve(times, each, (at) => {
          times[at] = each.time;
        });
      }
    };
    const sound: Testimony[] = [];
    for (const heads of this.#heads.values()) {
      for (const head of heads) (this.isCompromised(head.carrier.key) ? lost : sound).push(head);
    }
    countAll(sound.filter((each) => this.#doesCarrierCount(each)));
    // judged by what the others say alone, before any of them is counted: so none can vouch for itself
    countAll(lost.filter((each) => this.#doesCarrierCount(each)));
  }

  /** Under one history a time moves only where a witness's does, and comparing those is quick. */
  #movedSince(before: Witnessing, feeds: ReadonlyMap<MemberKey, HeldFeed>): Map<HeldFeed, number[]> {
    const moved = new Map<HeldFeed, number[]>();
    for (const key of new Set([...before.#times.keys(), ...this.#times.keys()])) {
      const held = feeds.get(key);
      if (held === undefined) continue;
      const lists = listsOf(before.#times.get(key), this.#times.get(key));
      const length = Math.min(held.length, Math.max(0, ...lists.flat().map((times) => times.length)));
      const isSame = (at: number) =>
        before.#history === this.#history && lists.every(([was, is]) => was[at] === is[at]);
      const sequences: number[] = [];
      for (let at = 0; at < length; at++) {
        if (!isSame(at) && before.seconds(key, at) !== this.seconds(key, at)) sequences.push(at);
      }
      if (sequences.length > 0) moved.set(held, sequences);
    }
    return moved;
  }

  isCompromised(key: MemberKey): boolean {
    return this.#history.of(key)?.former?.compromisedAt !== undefined;
  }

  /** Whether any key has been declared compromised: then statuses hang on times, and times on statuses. */
  hasCompromised(): boolean {
    return this.#history.current.document.former.some(({ compromisedAt }) => compromisedAt !== undefined);
  }

  #doesCarrierCount({ carrier, sequence }: Testimony): boolean {
    return doesCount(
      statusAt(this.#history, carrier, sequence, () => this.established(carrier.key, sequence)),
    );
  }

  /** The earliest time at which the policy that governs the message held. Milliseconds since 1970; null for never. */
  established(key: MemberKey, sequence: number): number | null {
    const seconds = this.seconds(key, sequence);
    return seconds === null ? null : seconds * 1_000;
  }

  /** The same in seconds. spec 08-record §6.3 */
  seconds(key: MemberKey, sequence: number): number | null {
    const times = this.#times.get(key);
    if (times === undefined) return null;
    const policy = this.#history.governing(key, sequence)?.charter.document.policy.witness;
    if (policy === undefined || policy.quorum === null) return null;
    return quorumTime(policy, (name) => {
      const outside = policy.outside.find((each) => each.name === name);
      return times.get(outside?.key ?? name)?.[sequence] ?? null;
    });
  }

  /** The largest part of a feed's beginning that is established, and by when; null for none. */
  witnessed(feed: HeldFeed): { readonly size: number; readonly established: number } | null {
    const sound = feed.sound;
    const ends = [...(this.#times.get(feed.key)?.values() ?? [])].map((times) => times.length);
    // within one version's policy, what holds for a message holds for those before it: it can end only here
    const begins = (this.#history.of(feed.key)?.listings ?? []).map(({ member }) => member.since);
    const sizes = [...ends, ...begins].map((size) => Math.min(size, sound)).sort((a, b) => b - a);
    for (const size of sizes) {
      const established = size === 0 ? null : this.established(feed.key, size - 1);
      if (established !== null) return { size, established };
    }
    return null;
  }

  /** Under what name a testimony counts: a member's, by its role there, or an outside witness's key. spec 08-record §6.2 */
  #nameOf(witness: MemberKey, carrier: HeldFeed, sequence: number): string | null {
    if (witness !== carrier.key) return this.#outside.has(witness) ? witness : null;
    const governing = this.#history.governing(carrier.key, sequence);
    return governing?.member.roles.includes('witness') ? governing.member.name : null;
  }
}

/** Where a testimony gives an earlier time, from the front on, so that the list has no holes. */
function improve(times: readonly number[], { size, time }: Testimony, set: (at: number) => void): void {
  const known = times.length;
  for (let at = known; at < size; at++) set(at);
  for (let at = Math.min(size, known) - 1; at >= 0 && (times[at] as number) > time; at--) set(at);
}

type ByWitness = ReadonlyMap<string, readonly number[]>;

/** Of each witness its times then and now. */
function listsOf(
  was: ByWitness = new Map(),
  is: ByWitness = new Map(),
): [readonly number[], readonly number[]][] {
  return [...new Set([...was.keys(), ...is.keys()])].map((name) => [was.get(name) ?? [], is.get(name) ?? []]);
}

function outsideOf({ charters }: CharterHistory): ReadonlySet<MemberKey> {
  return new Set(charters.flatMap(({ document }) => document.policy.witness.outside.map(({ key }) => key)));
}

function testimonyOf(entry: CosignatureEntry, carrier: HeldFeed, sequence: number): Testimony {
  const { feed, size, time, witness } = entry;
  return { feed, size, time, witness, carrier, sequence };
}
