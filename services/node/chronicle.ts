import type { MessageId } from '../../protocols/base/ids.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import { isKind } from '../../protocols/kinds/index.ts';
import { type Message, readStored } from '../../protocols/message/index.ts';
import {
  type FederationRecord,
  type FeedChange,
  RecordFold,
  recordDigest,
} from '../../protocols/record/index.ts';
import type { Standing } from '../../protocols/verdict/index.ts';
import type { EventType, NodeEvent } from '../gateway/ports.ts';
import { nativeSha256 } from '../keys/index.ts';
import type { EventLog, Ledger, NewEvent, RowEvents } from '../ledger/index.ts';
import { Bell } from './bell.ts';
import { eventOf } from './event-kinds.ts';

/** Events read from the log at a time. */
const PAGE = 256;
/** Rows whose events are derived before they are stored, when a log is rebuilt. */
const REBUILD_BATCH = 512;

interface Row {
  readonly cursor: number;
  readonly message: Message;
  readonly acceptedAt: number;
}

/** Follows the ledger row by row: keeps the record, writes the event log, wakes whoever waits for either. */
export class Chronicle {
  readonly #fold: RecordFold;
  readonly #log: EventLog<EventType>;
  readonly #changed = new Bell();
  /** Of findings that are not, or no longer, `open` as all begin. */
  readonly #standings = new Map<MessageId, Standing>();
  #current: { readonly record: FederationRecord; readonly digest: string } | null = null;
  /** Derived, not stored yet: more than one batch only while the disk that also holds the ledger is full. */
  #unwritten: RowEvents<EventType>[] = [];
  readonly #onFault: (error: unknown) => void;

  /** @param onFault told when events could not be stored */
  constructor(charter: Charter, ledger: Ledger, log: EventLog<EventType>, onFault: (error: unknown) => void) {
    this.#fold = new RecordFold(charter);
    this.#log = log;
    this.#onFault = onFault;
    const processed = log.processed();
    for (const { cursor, wire, acceptedAt } of ledger.rows(0)) {
      const row = { cursor, message: readStored(wire, nativeSha256), acceptedAt };
      const events = this.#eventsOf(row, this.#fold.add(row.message));
      if (cursor <= processed) continue;
      this.#unwritten.push({ row: cursor, events });
      if (this.#unwritten.length >= REBUILD_BATCH) this.#write();
    }
    this.#write();
    ledger.onAppended((rows) => this.#take(rows));
  }

  /** The record and its digest, of one moment. */
  record(): { readonly record: FederationRecord; readonly digest: string } {
    if (this.#current === null) {
      const record = this.#fold.record();
      this.#current = { record, digest: recordDigest(record) };
    }
    return this.#current;
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

  #take(rows: readonly Row[]): void {
    this.#current = null;
    for (const row of rows) {
      const change = this.#fold.add(row.message);
      this.#unwritten.push({ row: row.cursor, events: this.#eventsOf(row, change) });
    }
    this.#write();
    this.#changed.ring();
  }

  /** Events are derivable, so a failure here loses none: they are stored with the next batch, or at the next start. */
  #write(): void {
    if (this.#unwritten.length === 0) return;
    try {
      this.#log.append(this.#unwritten);
      this.#unwritten = [];
    } catch (error) {
      this.#onFault(error);
    }
  }

  #eventsOf({ message, acceptedAt }: Row, change: FeedChange | null): NewEvent<EventType>[] {
    if (change === null) return [];
    const events: NewEvent<EventType>[] = change.counted.map((counted) => ({
      ...eventOf(counted),
      message: counted.id,
      author: counted.author,
      acceptedAt,
    }));
    const cause = { message: message.id, author: message.author, acceptedAt };
    if (change.voided.length > 0) {
      events.push({ type: 'member.forked', ...cause, data: { sequence: message.sequence } });
    }
    for (const { finding, from, to } of this.#standingChanges(change)) {
      events.push({ type: 'finding.standing-changed', ...cause, data: { finding, from, to } });
    }
    return events;
  }

  /** Only findings that the changed messages touch can have moved. */
  #standingChanges({ counted, voided }: FeedChange): { finding: MessageId; from: Standing; to: Standing }[] {
    const touched = new Set([...counted, ...voided].flatMap(findingTouched));
    return [...touched].flatMap((finding) => {
      const from = this.#standings.get(finding) ?? 'open';
      const to = this.#fold.finding(finding)?.standing ?? 'open';
      if (from === to) return [];
      this.#standings.set(finding, to);
      return [{ finding, from, to }];
    });
  }
}

function findingTouched(message: Message): MessageId[] {
  if (isKind(message, 'verdict/1')) return [message.body.finding];
  return isKind(message, 'finding/1') ? [message.id] : [];
}
