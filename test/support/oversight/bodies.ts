import type { MessageId } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { publicKeys } from '../../../protocols/identity/derive.ts';
import { CLAUSES, EVALUATION_ITEMS } from '../../../protocols/kinds/index.ts';
import type { StatementKind } from '../../../protocols/record/index.ts';
import { charterOf } from '../federation.ts';
import { content, contentCid } from '../samples.ts';

/** Of the right shape; no key opens it. */
export const SEALED_COPY = {
  to: publicKeys(new Uint8Array(32).fill(7)).sealing,
  ephemeral: `${'A'.repeat(43)}=`,
  nonce: 'A'.repeat(32),
  box: 'A'.repeat(704),
};
const GROUND = { jurisdiction: 'example-state', legalBasis: 'Example Act, section 3', reason: 'as found' };

/** A right body of each kind that speaks about releases. @param frontier the release it is about */
export function statementBodies(frontier: MessageId): Readonly<Record<StatementKind, PlainObject>> {
  return {
    'inspection/1': {
      checkpoint: contentCid('analog checkpoint'),
      parameters: 100_000,
      modelType: 'llama',
      tokenizer: 'ab'.repeat(32),
      licence: 'Apache-2.0',
      requirements: [
        { requirement: 1, state: 'met', code: null },
        { requirement: 5, state: 'failed', code: 'heading-missing' },
      ],
    },
    'security-evaluation/1': {
      frontier,
      checkpoint: contentCid('analog checkpoint'),
      evaluator: 'Example Evaluators',
      risks: [{ risk: 'capability-extraction', result: 'acceptable' }],
      done: [...EVALUATION_ITEMS],
      access: ['weights', 'fine-tuning'],
      marginalRisk: null,
      summary: 'no misuse is enabled that a larger model does not enable',
      report: { withheld: { reason: 'public-safety', retainedUntil: '2036-11-21' } },
    },
    'compliance-report/1': {
      frontier,
      analog: frontier,
      asOf: 1_790_000_000_000,
      charter: charterOf().id,
      clauses: [{ clause: CLAUSES[0], state: 'pending', until: 1_795_000_000_000 }],
      creation: [{ on: '2026-10-01', what: 'distillation begins' }],
      costs: [{ item: 'distillation', gpuHours: 5_700, usd: 70_053 }],
    },
    'determination/1': {
      frontier,
      analog: null,
      outcome: 'compliant',
      clauses: [{ clause: 'M6', state: 'met', reason: 'the sealed size was opened' }],
      opened: ['cd'.repeat(32)],
      settles: [],
      ...GROUND,
    },
    'notice-of-non-compliance/1': { frontier, clauses: ['M7'], cureBy: '2026-12-31', ...GROUND },
    'penalty/1': {
      frontier,
      notice: frontier,
      fine: { currency: 'EUR', amount: 1_000 },
      suspendedUntil: null,
      ...GROUND,
    },
    'withdrawal/1': { statement: frontier, reason: 'paid' },
    'extension/1': { frontier, until: '2027-01-31', review: 'dual-use', ...GROUND },
    'audit-attestation/1': {
      frontier,
      analog: frontier,
      scope: 'size, data and distillation',
      conclusion: 'conforms',
      summary: 'as the lab says',
      report: content('audit report'),
    },
    'guidance/1': {
      title: 'Ceiling',
      text: 'No analog above ten billion parameters.',
      appliesFrom: '2026-10-01',
      parameterCeiling: 10_000_000_000,
      ...GROUND,
    },
    'information-request/1': {
      frontier,
      to: 'example-lab',
      questions: ['Which data?'],
      answerBy: '2026-12-01',
      ...GROUND,
    },
    'reply/1': { to: frontier, text: 'The data of the statement.', attachments: [content('attachment')] },
    'cure/1': { notice: frontier, analog: frontier, summary: 'released' },
    'advisory/1': {
      subject: frontier,
      severity: 'high',
      title: 'Refusals can be removed',
      summary: 'with one direction',
      advice: 'do not rely on them',
    },
    'supersession/1': { subject: frontier, replacement: null, reason: 'the weights were wrong' },
    'disclosure/1': {
      message: frontier,
      fields: [
        { field: '/model/parameters', salt: 'ab'.repeat(32), value: 10_000_000 },
        { field: '/training', sealed: [SEALED_COPY] },
      ],
    },
  };
}
