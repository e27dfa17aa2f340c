import type { StatementEntry } from '../record/index.ts';
import type { DueWhat } from './timeline.ts';

/** What a statement says, in one line after its author's name. */
export function wordsOf({ kind, body }: StatementEntry): string {
  switch (kind) {
    case 'inspection/1':
      return `looked at the bytes of ${short(body.checkpoint)}`;
    case 'security-evaluation/1':
      return `filed a security evaluation by ${body.evaluator}`;
    case 'compliance-report/1':
      return 'filed a compliance report';
    case 'determination/1':
      return `determined: ${body.outcome}`;
    case 'notice-of-non-compliance/1':
      return `gave notice of non-compliance with ${body.clauses.join(', ')}: ${body.reason}`;
    case 'penalty/1':
      return `imposed ${penaltyWords(body)}: ${body.reason}`;
    case 'withdrawal/1':
      return `took back ${short(body.statement)}: ${body.reason}`;
    case 'extension/1':
      return `extended the window to ${body.until}: ${body.reason}`;
    case 'audit-attestation/1':
      return `audited: ${body.conclusion}`;
    case 'guidance/1':
      return `issued guidance: ${body.title}`;
    case 'information-request/1':
      return `asked ${body.to} ${body.questions.length} questions`;
    case 'reply/1':
      return `replied to ${short(body.to)}`;
    case 'cure/1':
      return `says it has cured ${short(body.notice)}: ${body.summary}`;
    case 'advisory/1':
      return `advises (${body.severity}): ${body.title}`;
    case 'supersession/1':
      return `no longer stands by ${short(body.subject)}: ${body.reason}`;
    case 'disclosure/1':
      return `opened ${body.fields.map(({ field }) => field).join(', ')} of ${short(body.message)}`;
  }
}

function penaltyWords({
  fine,
  suspendedUntil,
}: Extract<StatementEntry, { kind: 'penalty/1' }>['body']): string {
  const parts = [
    ...(fine === null ? [] : [`a fine of ${fine.amount} ${fine.currency}`]),
    ...(suspendedUntil === null ? [] : [`a suspension of releases until ${suspendedUntil}`]),
  ];
  return parts.join(' and ');
}

/** The last eight characters: the first ones are the same in every id. */
function short(id: string): string {
  return `…${id.slice(-8)}`;
}

/** What is due, for a person. */
export const DUE_SENTENCES: Readonly<Record<DueWhat, string>> = {
  'window-opens': 'the window opens',
  'analog-due': 'the analog is due',
  'report-due': 'the compliance report is due',
  'audit-due': 'the audit is due',
  'cure-due': 'the cure is due',
  'answer-due': 'the answer is due',
};
