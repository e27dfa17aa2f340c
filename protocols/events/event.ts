import type { MemberKey, MessageId } from '../base/ids.ts';
import type { PlainObject } from '../base/plain.ts';

/** What a subscriber can be told of. spec 09-events §2 */
export const EVENT_TYPES = [
  'member.joined',
  'member.card-published',
  'member.forked',
  'member.key-rotated',
  'member.revoked',
  'charter.proposed',
  'charter.consented',
  'charter.in-force',
  'frontier.released',
  'analog.released',
  'finding.published',
  'verdict.published',
  'finding.standing-changed',
  'deadline.near',
  'deadline.passed',
  'message.established',
  'message.accepted',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** One entry of the node's durable event log. */
export interface NodeEvent {
  /** Rises by one; a subscriber resumes after the last it has seen. */
  readonly cursor: number;
  readonly type: EventType;
  /** The message behind the event. */
  readonly message: MessageId;
  readonly author: MemberKey;
  /** When this node accepted the message; of deadlines when it told of them. Milliseconds since 1970. */
  readonly acceptedAt: number;
  /** Flat facts of the event, by type; spec 09-events lists them. */
  readonly data: PlainObject;
}
