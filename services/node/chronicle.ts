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
import type { EventType, NodeEvent } from '../gateway/ports.ts';
import { nativeSha256 } from '../keys/index.ts';
import type { EventLog, Ledger, NewEvent } from '../ledger/index.ts';
import { Bell } from './bell.ts';
import { eventOf } from './event-kinds.ts';

/** Events read from the log at a time. */
const PAGE = 256;

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
  #standings = new Map<MessageId, string>();
  #current: { readonly record: FederationRecord; readonly digest: string } | null = null;
  /** Events are derivable: a failure to store them is reported and made up for at the next start. */
  #failure: unknown = null;

  constructor(charter: Charter, ledger: Ledger, log: EventLog<EventType>) {
    this.#fold = new RecordFold(charter);
    this.#log = log;
    const processed = log.processed();
    let replayed = false;
    for (const { cursor, wire, acceptedAt } of ledger.rows(0)) {
      if (cursor > processed && !replayed) {
        this.#standings = this.#standingsNow();
        replayed = true;
      }
      const row = { cursor, message: readStored(wire, nativeSha256), acceptedAt };
      const change = this.#fold.add(row.message);
      if (cursor > processed) this.#log.append(cursor, this.#eventsOf(row, change));
    }
    if (!replayed) this.#standings = this.#standingsNow();
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

  /** Null, or why the event log stands still although messages are accepted. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Rings after each batch of accepted messages. */
  get changed(): Bell {
    return this.#changed;
  }

  /** Stored events after the cursor, then new ones as they come, until the signal aborts. */
  async *events(afterCursor: number, { signal }: { readonly signal: AbortSignal }): AsyncIterable<NodeEvent> {
    let cursor = afterCursor;
    while (!signal.aborted) {
      const rung = this.#changed.next(signal);
      const page = this.#log.after(cursor, PAGE);
      for (const event of page) {
        yield event;
        cursor = event.cursor;
      }
      if (page.length < PAGE) await rung;
    }
  }

  #take(rows: readonly Row[]): void {
    this.#current = null;
    for (const row of rows) {
      const change = this.#fold.add(row.message);
      if (this.#failure !== null) continue;
      try {
        this.#log.append(row.cursor, this.#eventsOf(row, change));
      } catch (error) {
        this.#failure = error;
      }
    }
    this.#changed.ring();
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
    if ([...change.counted, ...change.voided].some(bearsOnStandings)) {
      const now = this.#standingsNow();
      for (const [finding, standing] of now) {
        const before = this.#standings.get(finding) ?? 'open';
        if (before !== standing) {
          events.push({
            type: 'finding.standing-changed',
            ...cause,
            data: { finding, from: before, to: standing },
          });
        }
      }
      this.#standings = now;
    }
    return events;
  }

  #standingsNow(): Map<MessageId, string> {
    return new Map(this.#fold.record().findings.map((finding) => [finding.id, finding.standing]));
  }
}

function bearsOnStandings(message: Message): boolean {
  return isKind(message, 'verdict/1') || isKind(message, 'finding/1');
}
