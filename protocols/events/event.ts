import type { ContentId, MemberKey, MessageId } from '../base/ids.ts';
import type { Plain } from '../base/plain.ts';
import type { Outcome } from '../kinds/index.ts';
import type { ReasonCode, Standing } from '../verdict/index.ts';

/** What a subscriber can be told of. spec 09-events §2 */
export const EVENT_TYPES = [
  'member.joined',
  'member.card-published',
  'frontier.released',
  'analog.released',
  'finding.published',
  'verdict.published',
  'finding.standing-changed',
  'message.accepted',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The flat facts of an event, by type: enough for one readable line without asking for the message. spec 09-events §3 */
export interface EventFacts {
  'member.joined': { readonly name: string; readonly organisation: string };
  'member.card-published': { readonly displayName: string };
  'frontier.released': {
    readonly name: string;
    readonly version: string;
    readonly parameters: number | null;
    readonly deployedOn: string;
  };
  'analog.released': {
    readonly name: string;
    readonly version: string;
    readonly parameters: number;
    readonly licence: string;
    readonly checkpoint: ContentId;
    readonly frontier: MessageId;
  };
  'finding.published': { readonly title: string; readonly target: ContentId };
  'verdict.published': { readonly finding: MessageId; readonly outcome: Outcome };
  'finding.standing-changed': {
    readonly finding: MessageId;
    readonly title: string;
    readonly standing: Standing;
    readonly reasons: readonly ReasonCode[];
  };
  'message.accepted': { readonly kind: string };
}

/** One entry of a node's durable event log. */
export interface NodeEvent {
  /** Rises by one; a subscriber resumes after the last it has seen. */
  readonly cursor: number;
  readonly type: EventType;
  /** The message behind the event. */
  readonly message: MessageId;
  readonly author: MemberKey;
  /** When this node accepted the message, milliseconds since 1970. */
  readonly acceptedAt: number;
  /** `EventFacts` of the type; a reader takes what it knows and passes over the rest. */
  readonly data: { readonly [fact: string]: Plain };
}
