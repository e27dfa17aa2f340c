import type { PlainObject } from '../../protocols/base/plain.ts';
import { isKind, type Kind } from '../../protocols/kinds/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import { STATEMENT_KINDS } from '../../protocols/record/index.ts';
import type { EventType } from '../gateway/ports.ts';

/** Kinds whose established time matters to a deadline. spec 09-events §3 */
const DATED: ReadonlySet<string> = new Set<Kind>([
  'frontier-release/1',
  'analog-release/1',
  'finding/1',
  'verdict/1',
  ...STATEMENT_KINDS,
]);

export function isDated(kind: string): boolean {
  return DATED.has(kind);
}

/** Kinds that come by the second and that other events tell of. spec 09-events §2 */
export function isTold(kind: string): boolean {
  return kind !== ('cosignatures/1' satisfies Kind);
}

/** The event that a message causes when it begins to count. spec 09-events §2 */
export function eventOf(message: Message): { readonly type: EventType; readonly data: PlainObject } {
  if (isKind(message, 'charter/1')) return { type: 'member.joined', data: { charter: message.body.charter } };
  if (isKind(message, 'member-card/1')) {
    return { type: 'member.card-published', data: { displayName: message.body.displayName } };
  }
  if (isKind(message, 'frontier-release/1')) {
    const { model, deployedOn } = message.body;
    return { type: 'frontier.released', data: { name: model.name, version: model.version, deployedOn } };
  }
  if (isKind(message, 'analog-release/1')) {
    const { model, checkpoint, frontier, licence } = message.body;
    return {
      type: 'analog.released',
      data: {
        name: model.name,
        version: model.version,
        parameters: model.parameters,
        frontier,
        licence,
        checkpoint: checkpoint.cid,
      },
    };
  }
  if (isKind(message, 'finding/1')) {
    return {
      type: 'finding.published',
      data: { title: message.body.title, target: message.body.target.checkpoint },
    };
  }
  if (isKind(message, 'verdict/1')) {
    const { finding, outcome, reasons } = message.body;
    return {
      type: 'verdict.published',
      data: { finding, outcome, reasons: reasons.map((reason) => reason.code) },
    };
  }
  if (isKind(message, 'charter-proposal/1')) {
    const { version, charter, reason } = message.body;
    return { type: 'charter.proposed', data: { version, charter, reason } };
  }
  if (isKind(message, 'charter-consent/1')) {
    const { version, charter, proposal } = message.body;
    return { type: 'charter.consented', data: { version, charter, proposal } };
  }
  return { type: 'message.accepted', data: { kind: message.kind } };
}
