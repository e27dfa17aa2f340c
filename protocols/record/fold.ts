import type { MemberKey, MessageId } from '../base/ids.ts';
import { type Charter, CharterHistory, type ReadOptions } from '../charter/index.ts';
import type { Sha256 } from '../codec/cid.ts';
import type { Hash, MerkleTree } from '../feed/index.ts';
import type { Message } from '../message/index.ts';
import type { Standing } from '../verdict/index.ts';
import { type CharterInForce, CharterTally, type PendingProposal } from './charter-tally.ts';
import { buildOversightRecord } from './document.ts';
import { FindingIndex, type Judgement } from './finding-index.ts';
import { foldFinding, policyOf, VerdictMemo } from './findings.ts';
import { ForkProofs } from './fork-proofs.ts';
import { type ForkEvidence, type HeldChange, HeldFeed, type Stop } from './held-feed.ts';
import { type Counted, type FoldStore, isOf, type Kept, type Place } from './kept.ts';
import { type MemberSource, memberEntries } from './member-entries.ts';
import { doesCount, type MessageStatus, statusAt } from './message-status.ts';
import type { FederationRecord, FindingEntry, MemberEntry, OversightRecord } from './record.ts';
import { type Testimony, Witnessing } from './witnessing.ts';

/** What one more message did to what counts. */
export interface RecordChange {
  /** Messages that count from now on, each feed in order: the new one, those that waited for it, those that an amendment lets count. */
  readonly counted: readonly Counted[];
  /** Messages that counted until now. */
  readonly voided: readonly Counted[];
  /** Versions of the charter that came into force. */
  readonly charters: readonly Charter[];
  /** Messages whose established time appeared or changed. */
  readonly established: readonly Counted[];
  /** Findings whose standing can have moved. */
  readonly findings: readonly MessageId[];
  /** Feeds that stop at a fork which was not known, or not so early. */
  readonly forked: readonly MemberKey[];
}

/** The platform's own, where faster. */
export interface FoldOptions extends Omit<ReadOptions, 'known'> {
  readonly sha256?: Sha256;
  /** Keeps what is folded: bodies of findings and verdicts, and the place of each id, are read there. */
  readonly store?: FoldStore;
}

/** What a derivation makes of statuses. */
interface StatusChange {
  readonly counted: Counted[];
  readonly voided: Counted[];
  /** Findings that these messages are, or are about. */
  readonly findings: Set<MessageId>;
}

/** The place of a stop that is not there. */
const NOWHERE = Number.POSITIVE_INFINITY;

/**
 * The fold from a set of messages to the record. Order, repetition and transport of the messages do not matter.
 * spec 08-record §1. Messages must have passed `open` with `bodyCheckOf`.
 */
export class RecordFold {
  readonly #sha256: Sha256 | undefined;
  readonly #feeds = new Map<MemberKey, HeldFeed>();
  /** Of all that has come; empty where there is a store. */
  readonly #places = new Map<MessageId, Place>();
  /** Of each chain, by sequence: as last derived. */
  readonly #statuses = new Map<HeldFeed, MessageStatus[]>();
  readonly #proofs = new ForkProofs();
  readonly #tally: CharterTally;
  readonly #witnessing: Witnessing;
  readonly #findings: FindingIndex;
  readonly #store: FoldStore | null;
  #inForce: readonly CharterInForce[];
  #history: CharterHistory;
  #memo = new VerdictMemo();
  /** Where feeds stop at forks, as last derived. */
  #forks = new Map<MemberKey, number>();

  /** @param genesis the federation's first charter */
  constructor(genesis: Charter, { sha256, store, ...options }: FoldOptions = {}) {
    this.#sha256 = sha256;
    this.#store = store ?? null;
    this.#findings = new FindingIndex(this.#store);
    this.#tally = new CharterTally(genesis, options);
    this.#inForce = this.#tally.inForce();
    this.#history = new CharterHistory([genesis]);
    this.#witnessing = new Witnessing(this.#history);
  }

  /**
   * What the message changed; null when it adds nothing: known, or after a fork that is proven.
   * @param leaf the leaf hash of its wire, where that is at hand
   */
  add(message: Message, leaf?: Hash): RecordChange | null {
    const feed = this.#feedOf(message.author);
    const length = feed.length;
    const forkAt = feed.fork?.at ?? NOWHERE;
    const held = feed.add(message, leaf);
    if (this.#store === null && !this.#places.has(message.id))
      this.#places.set(message.id, { author: feed.key, sequence: message.sequence });
    if (held === null) return null;
    if ((feed.fork?.at ?? NOWHERE) < forkAt) return this.#derive(feed, held.removed);
    return this.#grow(feed, held.appended, length);
  }

  #feedOf(key: MemberKey): HeldFeed {
    const known = this.#feeds.get(key);
    if (known !== undefined) return known;
    const feed = new HeldFeed(key, this.#sha256, this.#store !== null);
    feed.provenAt = this.#proofs.lowest(key);
    this.#feeds.set(key, feed);
    this.#statuses.set(feed, []);
    return feed;
  }

  /** The usual case, a feed that grew: only what hangs on the new messages is derived, unless they reach further. */
  #grow(feed: HeldFeed, appended: readonly Kept[], from: number): RecordChange {
    const testimonies = this.#witnessing.reach(feed, from);
    let reachesFar = this.#witnessing.isCompromised(feed.key);
    let isAmending = false;
    for (const message of appended) {
      if (message.sequence < feed.sound) isAmending = this.#tally.add(message) || isAmending;
      reachesFar = this.#doubts(message, feed) || reachesFar;
      testimonies.push(...this.#witnessing.add(message, feed, (key) => this.#feeds.get(key)));
    }
    if (isAmending) reachesFar = this.#isAmended(this.#tally.inForce()) || reachesFar;
    if (reachesFar || testimonies.some((each) => this.#isOfLostKey(each))) return this.#derive(feed, []);
    const counted = appended.filter((message) => this.#settle(feed, message.sequence, message));
    return {
      counted: counted.map(({ sequence }) => feed.at(sequence)),
      voided: [],
      charters: [],
      established: this.#countTimes(testimonies),
      findings: distinct(counted.map(findingTouched)),
      forked: [],
    };
  }

  /** Whether the message is a proof that makes a feed stop where, or for what, it did not. */
  #doubts(message: Kept, carrier: HeldFeed): boolean {
    const doubted = this.#proofs.add(message, carrier);
    if (doubted === null) return false;
    const feed = this.#feeds.get(doubted);
    if (feed === undefined) {
      this.#feedOf(doubted);
      return true;
    }
    const at = this.#proofs.lowest(doubted);
    // where a chain that is broken there already stops, it gives another reason
    return at !== feed.provenAt && at <= (feed.stop?.at ?? NOWHERE);
  }

  #isAmended(inForce: readonly CharterInForce[]): boolean {
    return inForce.map(nameOf).join() !== this.#inForce.map(nameOf).join();
  }

  /** Times and statuses of keys declared compromised hang on one another. */
  #isOfLostKey({ feed, carrier }: Testimony): boolean {
    return this.#witnessing.isCompromised(feed) || this.#witnessing.isCompromised(carrier.key);
  }

  /** Gives a message of the chain its status, and what it says its place. @returns whether it counts */
  #settle(feed: HeldFeed, sequence: number, kept: Kept | undefined): boolean {
    const status = this.#statusAt(feed, sequence);
    (this.#statuses.get(feed) as MessageStatus[])[sequence] = status;
    if (kept !== undefined && doesCount(status)) this.#findings.count(kept);
    return doesCount(status);
  }

  #statusAt(feed: HeldFeed, sequence: number): MessageStatus {
    return statusAt(this.#history, feed, sequence, () => this.#witnessing.established(feed.key, sequence));
  }

  #countTimes(testimonies: readonly Testimony[]): Counted[] {
    if (testimonies.length === 0) return [];
    const changed = new Map<MessageId, Counted>();
    for (const testimony of testimonies) {
      const { feed: key, carrier, sequence } = testimony;
      const feed = this.#feeds.get(key);
      if (feed === undefined || !doesCount(this.#statusAt(carrier, sequence))) continue;
      for (const at of this.#witnessing.count(testimony, feed)) changed.set(feed.at(at).id, feed.at(at));
    }
    return [...changed.values()];
  }

  /**
   * Derives anew what can be another: stops, then charters, then times, then statuses. spec 08-record §1.2. Statuses of
   * feeds that stop where they did are as they were, unless there is another charter or a lost key: then they may hang
   * on anything.
   */
  #derive(cause: HeldFeed, removed: HeldChange['removed']): RecordChange {
    const [known, stops] = [this.#inForce, this.#forks];
    const forked = this.#deriveStops();
    this.#deriveCharters();
    const moved = this.#witnessing.recount(this.#history, this.#feeds);
    const statuses = this.#statuses.get(cause) as MessageStatus[];
    const voided = removed.filter(({ sequence }) => doesCount(statuses[sequence] as MessageStatus));
    const change: StatusChange = { counted: [], voided: voided.map(placeOf), findings: new Set() };
    for (const message of removed) if (isWhole(message)) this.#uncount(message, change);
    statuses.length = Math.min(statuses.length, cause.length);
    const isAmended = this.#inForce !== known;
    if (isAmended) this.#memo = new VerdictMemo();
    const reachesAll = isAmended || this.#witnessing.hasCompromised();
    for (const feed of this.#feeds.values()) {
      const hasMoved = feed === cause || stops.get(feed.key) !== this.#forks.get(feed.key);
      if (reachesAll || hasMoved) this.#deriveStatuses(feed, change);
    }
    const { counted, findings } = change;
    return {
      counted,
      voided: change.voided,
      charters: newlyInForce(known, this.#inForce),
      established: [...moved].flatMap(([feed, sequences]) => sequences.map((at) => feed.at(at))),
      // another policy may judge any of them otherwise
      findings: [...(isAmended ? new Set([...findings, ...this.#findings.ids()]) : findings)],
      forked,
    };
  }

  #uncount(message: Kept, { findings }: StatusChange): void {
    this.#findings.uncount(message);
    const finding = findingTouched(message);
    if (finding !== null) findings.add(finding);
  }

  /** @returns feeds that stop at a fork now, or earlier than they did */
  #deriveStops(): MemberKey[] {
    for (const feed of this.#feeds.values()) feed.provenAt = this.#proofs.lowest(feed.key);
    const known = this.#forks;
    this.#forks = new Map();
    for (const { key, stop } of this.#feeds.values()) {
      if (stop?.reason === 'fork') this.#forks.set(key, stop.at);
    }
    return [...this.#forks].filter(([key, at]) => at < (known.get(key) ?? NOWHERE)).map(([key]) => key);
  }

  /** spec 06-charter §6.4: of each feed, what stands before its stop. */
  #deriveCharters(): void {
    this.#tally.clear();
    for (const feed of this.#feeds.values()) {
      for (const [sequence, message] of feed.kept) if (sequence < feed.sound) this.#tally.add(message);
    }
    const inForce = this.#tally.inForce();
    if (!this.#isAmended(inForce)) return;
    this.#inForce = inForce;
    const [first, ...later] = inForce.map(({ charter }) => charter);
    this.#history = new CharterHistory([first as Charter, ...later]);
  }

  #deriveStatuses(feed: HeldFeed, change: StatusChange): void {
    const statuses = this.#statuses.get(feed) as MessageStatus[];
    for (let sequence = 0; sequence < feed.length; sequence++) {
      const before = statuses[sequence];
      const did = before !== undefined && doesCount(before);
      const kept = feed.kept.get(sequence);
      const does = this.#settle(feed, sequence, kept);
      if (does === did) continue;
      (does ? change.counted : change.voided).push(feed.at(sequence));
      if (kept === undefined) continue;
      if (!does) this.#findings.uncount(kept);
      const finding = findingTouched(kept);
      if (finding !== null) change.findings.add(finding);
    }
  }

  /** One finding with what its verdicts add up to; null while it does not count. Costs nothing beyond its verdicts. */
  finding(id: MessageId): FindingEntry | null {
    const finding = this.#findings.get(id);
    if (finding === null) return null;
    return foldFinding(finding, this.#findings.verdictsOn(id), {
      history: this.#history,
      memo: this.#memo,
      sha256: this.#sha256,
      established: ({ author, sequence }) => this.#witnessing.established(author, sequence),
    });
  }

  /** Of a finding; null while it does not count. */
  standing(id: MessageId): Standing | null {
    const place = this.#findings.placeOf(id);
    if (place === null) return null;
    // most findings have fewer verdicts than decide one: those need not be read
    if (this.#findings.countOn(id) < policyOf(this.#history, place).quorum) return 'open';
    return this.finding(id)?.standing ?? null;
  }

  /** How many counted findings stand how. */
  standings(): Record<Standing, number> {
    const counts = { open: 0, confirmed: 0, refuted: 0, disputed: 0 };
    for (const id of this.#findings.ids()) counts[this.standing(id) ?? 'open'] += 1;
    return counts;
  }

  /** Null for a message that has not come, or that waits for one before it. spec 08-record §4 */
  statusOf(id: MessageId): MessageStatus | null {
    const place = this.#placeOf(id);
    const feed = place === null ? undefined : this.#feeds.get(place.author);
    if (place === null || feed === undefined) return null;
    const { sequence } = place;
    const isStopped = feed.stop !== null && sequence >= feed.stop.at;
    return sequence < feed.length || isStopped ? this.#statusAt(feed, sequence) : null;
  }

  /** When the witnesses of the policy knew the message, milliseconds since 1970; null while they do not. spec 08-record §6 */
  establishedAt(id: MessageId): number | null {
    const place = this.#placeOf(id);
    return place === null ? null : this.establishedOf(place);
  }

  /** The same of the message at this place. */
  establishedOf({ author, sequence }: Place): number | null {
    return this.#witnessing.established(author, sequence);
  }

  #placeOf(id: MessageId): Place | null {
    return this.#store === null ? (this.#places.get(id) ?? null) : this.#store.placeOf(id);
  }

  /** The version in force. */
  charter(): Charter {
    return this.#history.current;
  }

  /** The versions in force or once in force, the first one first. */
  charters(): readonly Charter[] {
    return this.#history.charters;
  }

  /** The same, each with the messages that bring it into force as things stand: consents come and go while it stays. */
  amendments(): readonly CharterInForce[] {
    return this.#tally.inForce();
  }

  history(): CharterHistory {
    return this.#history;
  }

  /** Whether messages of this key are worth keeping: it is or was a member's, or would be with one consent more. */
  admits(key: MemberKey): boolean {
    return this.#history.of(key) !== null || this.#tally.wouldAdmit(this.#history.current, key);
  }

  /** Proposals for the next version that could pass. */
  proposals(): PendingProposal[] {
    return this.#tally.pending(this.#history.current);
  }

  /** Of the chain that is held; null for a key that has said nothing. */
  tree(author: MemberKey): MerkleTree | null {
    return this.#feeds.get(author)?.tree ?? null;
  }

  /** Where this feed ends for everyone; null while it does not. */
  stopOf(author: MemberKey): Stop | null {
    return this.#feeds.get(author)?.stop ?? null;
  }

  /** Two messages for one sequence, of each feed that has them; the lowest. */
  forks(): ForkEvidence[] {
    return [...this.#feeds.values()].flatMap(({ fork }) => (fork === null ? [] : [fork]));
  }

  /** The members by the charter in force, as the record has them; costs little, where the record costs its findings. */
  members(): MemberEntry[] {
    return memberEntries(this.#memberSource());
  }

  /** Counted findings with who has a counted verdict on them, in the record's order. */
  judgements(): Judgement[] {
    return this.#findings.judgements();
  }

  record(): FederationRecord {
    return { ...this.oversightRecord(), findings: this.findings() };
  }

  /** Counted findings in the record's order, each with what its verdicts add up to. */
  findings(): FindingEntry[] {
    return this.findingIds().map((id) => this.finding(id) as FindingEntry);
  }

  /** Counted findings in the record's order. */
  findingIds(): MessageId[] {
    return this.#findings.inOrder();
  }

  /** The record but for its findings: costs nothing for all the findings and verdicts there are. */
  oversightRecord(): OversightRecord {
    const counted: Kept[] = [];
    for (const feed of this.#feeds.values()) {
      for (const [sequence, message] of feed.kept) if (this.#counts(feed, sequence)) counted.push(message);
    }
    return buildOversightRecord({
      ...this.#memberSource(),
      inForce: this.#inForce,
      proposals: this.proposals(),
      counted,
      established: (key, sequence) => this.#witnessing.established(key, sequence),
    });
  }

  #memberSource(): MemberSource {
    return {
      history: this.#history,
      feed: (key) => this.#feeds.get(key) ?? null,
      counts: (feed, sequence) => this.#counts(feed, sequence),
      witnessed: (feed) => this.#witnessing.witnessed(feed),
    };
  }

  #counts(feed: HeldFeed, sequence: number): boolean {
    const status = this.#statuses.get(feed)?.[sequence];
    return status !== undefined && doesCount(status);
  }
}

function isWhole(message: Counted | Kept): message is Kept {
  return 'body' in message;
}

function placeOf({ id, author, sequence, kind }: Counted): Counted {
  return { id, author, sequence, kind };
}

function findingTouched(message: Kept): MessageId | null {
  return message.finding ?? (isOf(message, 'finding/1') ? message.id : null);
}

function distinct(findings: readonly (MessageId | null)[]): MessageId[] {
  const named = findings.filter((finding) => finding !== null);
  return named.length < 2 ? named : [...new Set(named)];
}

function nameOf({ charter, proposal }: CharterInForce): string {
  return `${charter.id} ${proposal}`;
}

/** Versions of `now` that `before` had not; where it only lost some, the one that is in force again. */
function newlyInForce(before: readonly CharterInForce[], now: readonly CharterInForce[]): Charter[] {
  const fresh = now.filter(({ charter }, i) => charter.id !== before[i]?.charter.id);
  const told = fresh.length === 0 && now.length < before.length ? now.slice(-1) : fresh;
  return told.map(({ charter }) => charter);
}
