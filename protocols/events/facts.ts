import { isKind } from '../kinds/index.ts';
import type { Message } from '../message/index.ts';
import type { EventFacts, EventType } from './event.ts';

type Described = { readonly [T in EventType]: { readonly type: T; readonly data: EventFacts[T] } }[EventType];

/**
 * The event that a newly accepted message is. `member` is the author's entry in the charter.
 * A changed standing is no single message's fact: the node that folds the record adds that event itself.
 */
export function describeMessage(
  message: Message,
  member: { readonly name: string; readonly organisation: string },
): Described {
  if (isKind(message, 'charter/1')) {
    return { type: 'member.joined', data: { name: member.name, organisation: member.organisation } };
  }
  if (isKind(message, 'member-card/1')) {
    return { type: 'member.card-published', data: { displayName: message.body.displayName } };
  }
  if (isKind(message, 'frontier-release/1')) {
    const { name, version, parameters } = message.body.model;
    return {
      type: 'frontier.released',
      data: { name, version, parameters, deployedOn: message.body.deployedOn },
    };
  }
  if (isKind(message, 'analog-release/1')) {
    const { model, licence, checkpoint, frontier } = message.body;
    const { name, version, parameters } = model;
    return {
      type: 'analog.released',
      data: { name, version, parameters, licence, checkpoint: checkpoint.cid, frontier },
    };
  }
  if (isKind(message, 'finding/1')) {
    return {
      type: 'finding.published',
      data: { title: message.body.title, target: message.body.target.checkpoint },
    };
  }
  if (isKind(message, 'verdict/1')) {
    return {
      type: 'verdict.published',
      data: { finding: message.body.finding, outcome: message.body.outcome },
    };
  }
  return { type: 'message.accepted', data: { kind: message.kind } };
}
