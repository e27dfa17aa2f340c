import { z } from 'zod';
import { KIND_LIMIT_CHARS } from '../base/limits.ts';
import { messageId } from '../kinds/index.ts';
import { EVENT_TYPES, type NodeEvent } from './event.ts';

/** Days before a due date at which `deadline.near` is told. spec 09-events §5 */
export const DEADLINE_DAYS = [30, 14, 7, 1] as const;
export const STANDINGS = ['open', 'confirmed', 'refuted', 'disputed'] as const;

/** Values of one condition: longer lists are several filters. */
const VALUES_LIMIT = 64;
const some = <T extends z.ZodType>(value: T) => z.array(value).min(1).max(VALUES_LIMIT).optional();

/** Which events a subscriber wants; all that is given must hold. spec 09-events §6 */
export const eventFilter = z.strictObject({
  types: some(z.enum(EVENT_TYPES)),
  /** Of the message behind the event. */
  kinds: some(z.string().min(1).max(KIND_LIMIT_CHARS)),
  /** Names of the labs whose models the event is about. */
  labs: some(z.string().min(1).max(200)),
  /** Ids of the frontier releases that it is about. */
  models: some(messageId),
  /** What a finding has become. */
  standings: some(z.enum(STANDINGS)),
  /** Deadlines only: so many days ahead, or passed. */
  deadlines: some(z.union([z.literal(DEADLINE_DAYS), z.literal('overdue')])),
  /** Only about models that have been released. */
  released: z.literal(true).optional(),
});
export type EventFilter = z.infer<typeof eventFilter>;

/** Conditions by the names that a query and the command line have for them. */
export interface FilterParts {
  readonly type?: EventFilter['types'];
  readonly kind?: EventFilter['kinds'];
  readonly lab?: EventFilter['labs'];
  readonly model?: EventFilter['models'];
  readonly standing?: EventFilter['standings'];
  readonly deadline?: EventFilter['deadlines'];
  readonly released?: boolean | undefined;
}

export function eventFilterOf(parts: FilterParts): EventFilter {
  const { type, kind, lab, model, standing, deadline, released } = parts;
  return {
    ...(type === undefined ? {} : { types: type }),
    ...(kind === undefined ? {} : { kinds: kind }),
    ...(lab === undefined ? {} : { labs: lab }),
    ...(model === undefined ? {} : { models: model }),
    ...(standing === undefined ? {} : { standings: standing }),
    ...(deadline === undefined ? {} : { deadlines: deadline }),
    ...(released ? { released: true } : {}),
  };
}

/** What an event is about, as far as the record tells. */
export interface Concern {
  /** Of the message behind it; null where the node no longer holds it. */
  readonly kind: string | null;
  /** Name of the lab that deployed the frontier model. */
  readonly lab: string | null;
  /** Id of the frontier release. */
  readonly model: string | null;
  /** Whether it is about a checkpoint or model that a release names. */
  readonly isReleased: boolean;
}

/** spec 09-events §6 @param concernOf asked only where the filter needs it */
export function matchesFilter(filter: EventFilter, event: NodeEvent, concernOf: () => Concern): boolean {
  const { types, kinds, labs, models, standings, deadlines, released } = filter;
  if (types !== undefined && !types.includes(event.type)) return false;
  if (standings !== undefined && !standings.some((each) => isStanding(event, each))) return false;
  if (deadlines !== undefined && !deadlines.some((each) => isDeadline(event, each))) return false;
  if (kinds === undefined && labs === undefined && models === undefined && released === undefined)
    return true;
  const { kind, lab, model, isReleased } = concernOf();
  if (kinds !== undefined && (kind === null || !kinds.includes(kind))) return false;
  if (labs !== undefined && (lab === null || !labs.includes(lab))) return false;
  if (models !== undefined && (model === null || !models.some((each) => each === model))) return false;
  return released === undefined || isReleased;
}

function isStanding({ type, data }: NodeEvent, wanted: string): boolean {
  return type === 'finding.standing-changed' && data['to'] === wanted;
}

function isDeadline({ type, data }: NodeEvent, wanted: number | 'overdue'): boolean {
  return wanted === 'overdue'
    ? type === 'deadline.passed'
    : type === 'deadline.near' && data['days'] === wanted;
}
