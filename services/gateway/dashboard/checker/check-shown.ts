import type { FederationId, MessageId } from '../../../../protocols/base/ids.ts';
import { wordsOf } from '../../../../protocols/oversight/index.ts';
import type { StatementEntry } from '../../../../protocols/record/index.ts';
import { checkMessage, checkProof, type ProvenMessage, type SignedMessage } from './check-proof.ts';
import type { CheckResult, ShownMessage } from './protocol.ts';
import { differingFields } from './shown-fields.ts';
import type { Charters } from './trusted-charters.ts';

/** Where the bytes come from: the node that the page is of. Null: it has none. */
export interface Bytes {
  proof(message: MessageId): Promise<Uint8Array | null>;
  wire(message: MessageId): Promise<Uint8Array | null>;
}

/** Holds what the page shows of a message against the message, its proof and its cosignatures. */
export async function checkShown(
  shown: ShownMessage,
  federation: FederationId,
  charters: Charters,
  bytes: Bytes,
): Promise<CheckResult> {
  const id = shown.message as MessageId;
  const proof = await bytes.proof(id);
  if (proof !== null) {
    const proven = checkProof(proof, federation, charters);
    if (!proven.ok) return refused(proven.reason, proven.detail);
    return judge(shown, proven.value, timesOf(shown, proven.value));
  }
  const wire = await bytes.wire(id);
  if (wire === null) return refused('not-found', 'the node shows this message and does not have it');
  const signed = checkMessage(wire, federation, charters);
  if (!signed.ok) return refused(signed.reason, signed.detail);
  const wrong = shown.established === null ? [] : ['a time is shown, and there is no proof of any'];
  return judge(shown, signed.value, {
    checked: [],
    unchecked: ['its place in its author’s log: no signed head covers it yet'],
    wrong,
  });
}

type Lines = Omit<CheckResult, 'state'>;

function judge(shown: ShownMessage, { message, author }: SignedMessage, more: Lines): CheckResult {
  const wrong = [...more.wrong];
  if (message.id !== shown.message) wrong.push(`the node sent another message, ${message.id}`);
  if (message.kind !== shown.kind) wrong.push(`the message is ${message.kind}, shown as ${shown.kind}`);
  if (author !== shown.by) wrong.push(`signed by ${author}, shown as by ${shown.by}`);
  for (const field of differingFields(message.kind, message.body, shown.fields))
    wrong.push(`“${field}” is shown otherwise than it was signed`);
  if (shown.says !== undefined && wordsOf(message as unknown as StatementEntry) !== shown.says)
    wrong.push('its words are shown otherwise than they were signed');
  const checked = [`signed by ${author}`, 'shown as it was signed', ...more.checked];
  return finish({ checked: wrong.length === 0 ? checked : [], unchecked: more.unchecked, wrong });
}

function timesOf({ established }: ShownMessage, { size, witnesses, witnessedAt }: ProvenMessage): Lines {
  const included = `in its author’s log, under a signed head of ${size}`;
  const names = witnesses.map(({ name }) => name).join(', ');
  const checked = witnesses.length === 0 ? [included] : [included, `cosigned by ${names}`];
  if (established === null) {
    if (witnessedAt === null) return { checked, unchecked: [], wrong: [] };
    return {
      checked,
      unchecked: ['its time: cosignatures have come, the record has yet to say so'],
      wrong: [],
    };
  }
  if (witnessedAt === null)
    return { checked, unchecked: ['its time: these cosignatures are not enough for the charter'], wrong: [] };
  if (witnessedAt === established)
    return { checked: [...checked, 'witnesses had seen it by that time'], unchecked: [], wrong: [] };
  if (witnessedAt > established)
    return { checked, unchecked: ['its time: known by later cosignatures only'], wrong: [] };
  return { checked, unchecked: [], wrong: ['witnesses had seen it before the time that is shown'] };
}

export function finish(lines: Lines): CheckResult {
  const state = lines.wrong.length > 0 ? 'wrong' : lines.unchecked.length > 0 ? 'partly' : 'checked';
  return { state, ...lines };
}

export function refused(reason: string, detail: string): CheckResult {
  return { state: 'wrong', checked: [], unchecked: [], wrong: [`${reason}: ${detail}`] };
}
