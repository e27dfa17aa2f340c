import type { MessageId } from '../../protocols/base/ids.ts';
import { DEADLINE_DAYS, type EventType } from '../../protocols/events/index.ts';
import { Dossiers, type PolicyOf, type TimelineEntry, timelineOf } from '../../protocols/oversight/index.ts';
import type { OversightRecord } from '../../protocols/record/index.ts';
import type { NewEvent } from '../ledger/index.ts';
import type { Timer } from './timer.ts';

const DAY_MS = 86_400_000;
/** Days are told of, so a minute is soon; and a record that grows is looked at once a minute, not with each message. */
const LOOK_EVERY_MS = 60_000;

/** What the deadlines of a node are seen in, and told by. */
export interface DeadlineNeeds {
  record(): OversightRecord;
  readonly policyOf: PolicyOf;
  /** Stores the events that are new, durably. */
  tell(events: readonly NewEvent<EventType>[]): void;
  readonly clock: { now(): number };
  readonly timer: Pick<Timer, 'wait'>;
  readonly onFault: (error: unknown) => void;
}

/** Tells what is due soon and what is overdue, until the signal aborts. spec 09-events §5 */
export async function followDeadlines(needs: DeadlineNeeds, signal: AbortSignal): Promise<void> {
  let seen: OversightRecord | null = null;
  let nextAt = 0;
  while (!signal.aborted) {
    const at = needs.clock.now();
    try {
      const record = needs.record();
      if (record !== seen || at >= nextAt) {
        const { events, next } = deadlinesOf(record, needs.policyOf, at);
        needs.tell(events);
        seen = record;
        nextAt = next;
      }
    } catch (error) {
      needs.onFault(error); // they are told at the next look
    }
    await needs.timer.wait(nextAt > at ? Math.min(LOOK_EVERY_MS, nextAt - at) : LOOK_EVERY_MS, signal);
  }
}

type Due = Extract<TimelineEntry, { readonly type: 'due' }>;

/** What is to be told by this moment, whether it has been or not; and when there is more. Times: milliseconds since 1970. */
export function deadlinesOf(
  record: OversightRecord,
  policyOf: PolicyOf,
  at: number,
): { readonly events: readonly NewEvent<EventType>[]; readonly next: number } {
  const dossiers = new Dossiers(record);
  const authors = authorsOf(record);
  const events: NewEvent<EventType>[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const { frontier, lab } of dossiers.all()) {
    const due = (timelineOf(dossiers, frontier.id, policyOf, at) ?? []).filter(isOpen);
    for (const entry of due) {
      const author = authors.get(entry.id) ?? frontier.author;
      const { what, at: dueAt, id } = entry;
      const model = `${frontier.name} ${frontier.version}`;
      const data = { what, due: dueAt, frontier: frontier.id, model, lab: lab.name };
      const cause = { message: id, author, acceptedAt: at };
      if (dueAt <= at) events.push({ ...cause, type: 'deadline.passed', data });
      else next = Math.min(next, dueAt);
      for (const days of DEADLINE_DAYS) {
        const from = dueAt - days * DAY_MS;
        if (from > at) next = Math.min(next, from);
        else if (at < dueAt) events.push({ ...cause, type: 'deadline.near', data: { ...data, days } });
      }
    }
  }
  return { events, next };
}

/** What must still come: the opening of a window asks for nothing. */
function isOpen(entry: TimelineEntry): entry is Due {
  return entry.type === 'due' && entry.what !== 'window-opens' && entry.doneBy === null;
}

function authorsOf({ frontierReleases, analogReleases, statements }: OversightRecord) {
  return new Map(
    [...frontierReleases, ...analogReleases, ...statements].map(
      ({ id, author }) => [id, author] as const satisfies readonly [MessageId, string],
    ),
  );
}
