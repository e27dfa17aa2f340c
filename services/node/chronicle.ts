import type { FederationId, MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import type { Hash, MerkleTree } from '../../protocols/feed/index.ts';
import { type Message, readStored } from '../../protocols/message/index.ts';
import {
  type Counted,
  type NamedRecord,
  namedRecord,
  type OversightRecord,
  type RecordChange,
  RecordFold,
} from '../../protocols/record/index.ts';
import type { Standing } from '../../protocols/verdict/index.ts';
import type { EventType, NodeEvent } from '../gateway/ports.ts';
import { nativeSha256 } from '../keys/index.ts';
import type { EventLog, Ledger, NewEvent, RowEvents } from '../ledger/index.ts';
import { Bell } from './bell.ts';
import { charterEvents } from './charter-events.ts';
import { isDated, isTold } from './event-kinds.ts';
import { toldOf } from './opening/read-message.ts';

/** Events read from the log at a time. */
const PAGE = 256;
const CARD = 'member-card/1';
/** Rows whose events are derived before they are stored, when a log is rebuilt. */
const REBUILD_BATCH = 512;

interface Row {
  readonly cursor: number;
  readonly message: Message;
  readonly acceptedAt: number;
  readonly leaf?: Hash;
}

/** Follows the ledger row by row: keeps the record, writes the event log, wakes whoever waits for either. */
export class Chronicle {
  readonly #fold: RecordFold;
  readonly #ledger: Pick<Ledger, 'get'>;
  readonly #log: EventLog<EventType>;
  readonly #changed = new Bell();
  readonly #met = new Bell();
  /** Of findings that are not, or no longer, `open` as all begin. */
  readonly #standings = new Map<MessageId, Standing>();
  #current: NamedRecord | null = null;
  #oversight: OversightRecord | null = null;
  /** Derived, not stored yet: more than the rows that are not durable only while the disk is full. */
  #unwritten: RowEvents<EventType>[] = [];
  /** The version in force that listeners know. */
  #toldCharter: FederationId;
  /** Whether a card has come that nobody has been told of. */
  #hasMet = false;
  #isStored = true;
  readonly #onFault: (error: unknown) => void;

  readonly #charterListeners: ((charter: Charter) => void)[] = [];

  /** @param genesis the federation's first charter @param onFault told when events could not be stored */
  constructor(genesis: Charter, ledger: Ledger, log: EventLog<EventType>, onFault: (error: unknown) => void) {
    this.#fold = new RecordFold(genesis, {
      sha256: nativeSha256,
      store: {
        bodyOf: ({ author, sequence }) => {
          const [wire] = ledger.range(author, sequence, sequence + 1);
          return ledger.parse(wire ?? new Uint8Array()).body;
        },
        placeOf: (id) => this.#read(id),
      },
    });
    this.#ledger = ledger;
    this.#log = log;
    this.#onFault = onFault;
    const processed = log.processed();
    for (const { cursor, wire, acceptedAt } of ledger.rows(0)) {
      const row = { cursor, message: ledger.parse(wire), acceptedAt };
      const events = this.#eventsOf(row, this.#fold.add(row.message));
      if (cursor <= processed) continue;
      this.#unwritten.push({ row: cursor, events });
      if (this.#unwritten.length >= REBUILD_BATCH) this.#write();
    }
    this.#write();
    this.#assertIntact(ledger);
    this.#toldCharter = this.#fold.charter().id;
    ledger.onAppended((rows) => this.#take(rows));
    ledger.onDurable(() => this.#tell());
  }

  /** @throws OversightError `ledger-damaged` where stored messages are not those whose head their author has signed */
  #assertIntact(ledger: Ledger): void {
    for (const { author, signed } of ledger.heads()) {
      const tree = this.#fold.tree(author);
      // of a feed that forks the tree ends there
      if (signed !== null && tree !== null && signed.size <= tree.size)
        ledger.assertRoot(signed, tree.root(signed.size));
    }
  }

  /** The record and its digest, of one moment. */
  record(): NamedRecord {
    this.#current ??= namedRecord({ ...this.oversightRecord(), findings: this.#fold.findings() });
    return this.#current;
  }

  /** The record of this moment but for its findings; the same object until a message comes. Costs little at any size. */
  oversightRecord(): OversightRecord {
    this.#oversight ??= this.#fold.oversightRecord();
    return this.#oversight;
  }

  /** What the record knows of charters, feeds and messages. */
  get fold(): Omit<RecordFold, 'add'> {
    return this.#fold;
  }

  /** Over the chain of this feed, up to where it forks; null when nothing of it is held. */
  tree(author: MemberKey): MerkleTree | null {
    return this.#fold.tree(author);
  }

  /** Whether each message of this chain names the one before it. */
  isLinked(author: MemberKey): boolean {
    return this.#fold.stopOf(author)?.reason !== 'broken-chain';
  }

  /** Whether messages of this key are worth keeping. */
  admits(author: MemberKey): boolean {
    return this.#fold.admits(author);
  }

  /** Told when another version of the charter is in force. */
  onCharter(listener: (charter: Charter) => void): void {
    this.#charterListeners.push(listener);
  }

  /** Rings when a member's card has come, or another charter: seldom, where `changed` rings with every batch. */
  get met(): Bell {
    return this.#met;
  }

  /** Rings after each batch of accepted messages. */
  get changed(): Bell {
    return this.#changed;
  }

  /** Stored events after the cursor, then new ones as they come, until the signal aborts. */
  async *events(afterCursor: number, { signal }: { readonly signal: AbortSignal }): AsyncIterable<NodeEvent> {
    let cursor = afterCursor;
    while (!signal.aborted) {
      const page = this.#log.after(cursor, PAGE);
      for (const event of page) {
        yield event;
        cursor = event.cursor;
      }
      // nothing can come between an empty page and the wait: both are in one turn of the event loop
      if (page.length === 0) await this.#changed.next(signal);
    }
  }

  /** Stored events after the cursor, at most so many. */
  eventPage(afterCursor: number, limit: number): readonly NodeEvent[] {
    return this.#log.after(afterCursor, limit);
  }

  /** What the clock has to tell, each once. @throws OversightError while the disk is full */
  tell(events: readonly NewEvent<EventType>[]): void {
    this.#write();
    // in order: nothing is told while what came before is not stored
    if (this.#isStored && this.#log.tell(events) > 0) this.#changed.ring();
  }

  /** Whether what is derived can be stored. */
  get isStored(): boolean {
    return this.#isStored;
  }

  #take(rows: readonly Row[]): void {
    this.#current = null;
    this.#oversight = null;
    for (const row of rows) {
      const change = this.#fold.add(row.message, row.leaf);
      this.#hasMet ||= row.message.kind === CARD;
      this.#unwritten.push({ row: row.cursor, events: this.#eventsOf(row, change) });
    }
  }

  /** A cursor that a subscriber has seen must mean the same after a power cut, so events are stored once rows are durable. */
  #tell(): void {
    this.#write();
    const charter = this.#fold.charter();
    const isAmended = charter.id !== this.#toldCharter;
    const hasMet = this.#hasMet || isAmended;
    this.#toldCharter = charter.id;
    this.#hasMet = false;
    if (isAmended) for (const listener of this.#charterListeners) listener(charter);
    if (hasMet) this.#met.ring();
    this.#changed.ring();
  }

  /** Events are derivable, so a failure here loses none: they are stored with the next batch, or at the next start. */
  #write(): void {
    if (this.#unwritten.length === 0) return;
    try {
      this.#log.append(this.#unwritten);
      this.#unwritten = [];
      this.#isStored = true;
    } catch (error) {
      this.#isStored = false;
      this.#onFault(error);
    }
  }

  #eventsOf(row: Row, change: RecordChange | null): NewEvent<EventType>[] {
    if (change === null) return [];
    const { message, acceptedAt } = row;
    const cause = { message: message.id, author: message.author, acceptedAt };
    const events: NewEvent<EventType>[] = [];
    for (const counted of change.counted) {
      const event = this.#countedEvent(row, counted);
      if (event !== null) events.push(event);
    }
    for (const author of change.forked) {
      const sequence = this.#fold.stopOf(author)?.at ?? 0;
      events.push({ ...cause, type: 'member.forked', author, data: { sequence } });
    }
    for (const charter of change.charters) {
      const before = this.#fold.charters()[charter.document.version - 1] ?? null;
      for (const event of charterEvents(charter, before)) events.push({ ...cause, ...event });
    }
    for (const place of change.established) {
      const event = this.#establishedEvent(row, place);
      if (event !== null) events.push(event);
    }
    for (const finding of change.findings) {
      const data = this.#standingChange(finding);
      if (data !== null) events.push({ ...cause, type: 'finding.standing-changed', data });
    }
    return events;
  }

  #countedEvent({ message, acceptedAt }: Row, { id, author, kind }: Counted): NewEvent<EventType> | null {
    if (!isTold(kind)) return null;
    const counted = id === message.id ? message : this.#read(id);
    if (counted === null) return null;
    const { type, data } = toldOf(counted);
    return { type, message: id, author, acceptedAt, data };
  }

  #establishedEvent({ acceptedAt }: Row, place: Counted): NewEvent<EventType> | null {
    const { id, author, kind } = place;
    const established = isDated(kind) ? this.#fold.establishedOf(place) : null;
    if (established === null) return null;
    return { type: 'message.established', message: id, author, acceptedAt, data: { kind, established } };
  }

  #read(id: MessageId): Message | null {
    const row = this.#ledger.get(id);
    return row === null ? null : readStored(row.wire, nativeSha256);
  }

  #standingChange(finding: MessageId): { finding: MessageId; from: Standing; to: Standing } | null {
    const from = this.#standings.get(finding) ?? 'open';
    const to = this.#fold.standing(finding) ?? 'open';
    if (from === to) return null;
    this.#standings.set(finding, to);
    return { finding, from, to };
  }
}
