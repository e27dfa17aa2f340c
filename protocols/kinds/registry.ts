import type { z } from 'zod';
import type { PlainObject } from '../base/plain.ts';
import type { Message } from '../message/index.ts';
import { firstIssue } from '../message/index.ts';
import { advisoryBody } from './advisory.ts';
import { analogReleaseBody } from './analog-release.ts';
import { auditAttestationBody } from './audit-attestation.ts';
import { type Certain, certain } from './certain.ts';
import { charterBody, ROLES, type Role } from './charter.ts';
import { charterConsentBody } from './charter-consent.ts';
import { charterProposalBody } from './charter-proposal.ts';
import { complianceReportBody } from './compliance-report.ts';
import { cosignaturesBody } from './cosignatures.ts';
import { cureBody } from './cure.ts';
import { determinationBody } from './determination.ts';
import { disclosureBody } from './disclosure.ts';
import { extensionBody } from './extension.ts';
import { findingBody } from './finding.ts';
import { forkProofBody } from './fork-proof.ts';
import { frontierReleaseBody } from './frontier-release.ts';
import { guidanceBody } from './guidance.ts';
import { informationRequestBody } from './information-request.ts';
import { inspectionBody } from './inspection.ts';
import { memberCardBody } from './member-card.ts';
import { noticeOfNonComplianceBody } from './notice-of-non-compliance.ts';
import { penaltyBody } from './penalty.ts';
import { pinBody } from './pin.ts';
import { pinCheckBody } from './pin-check.ts';
import { replyBody } from './reply.ts';
import { securityEvaluationBody } from './security-evaluation.ts';
import { supersessionBody } from './supersession.ts';
import { verdictBody } from './verdict.ts';
import { withdrawalBody } from './withdrawal.ts';

interface KindDefinition {
  readonly body: z.ZodType;
  /** Roles that may publish it. spec 06-charter §4 */
  readonly publishers: readonly Role[];
}

/** Every kind this version understands. A kind that is not here is kept, relayed and verified, and means nothing. */
export const KINDS = {
  'charter/1': { body: charterBody, publishers: ROLES },
  'charter-proposal/1': { body: charterProposalBody, publishers: ROLES },
  'charter-consent/1': { body: charterConsentBody, publishers: ROLES },
  'cosignatures/1': { body: cosignaturesBody, publishers: ROLES },
  'fork-proof/1': { body: forkProofBody, publishers: ROLES },
  'member-card/1': { body: memberCardBody, publishers: ROLES },
  'pin/1': { body: pinBody, publishers: ROLES },
  'pin-check/1': { body: pinCheckBody, publishers: ROLES },
  'frontier-release/1': { body: frontierReleaseBody, publishers: ['lab'] },
  'analog-release/1': { body: analogReleaseBody, publishers: ['lab'] },
  'finding/1': { body: findingBody, publishers: ['lab', 'academic'] },
  'verdict/1': { body: verdictBody, publishers: ['verifier'] },
  'inspection/1': { body: inspectionBody, publishers: ['regulator', 'verifier'] },
  'security-evaluation/1': {
    body: securityEvaluationBody,
    publishers: ['lab', 'academic', 'regulator', 'verifier'],
  },
  'compliance-report/1': { body: complianceReportBody, publishers: ['lab'] },
  'determination/1': { body: determinationBody, publishers: ['regulator'] },
  'notice-of-non-compliance/1': { body: noticeOfNonComplianceBody, publishers: ['regulator'] },
  'penalty/1': { body: penaltyBody, publishers: ['regulator'] },
  'withdrawal/1': { body: withdrawalBody, publishers: ['regulator'] },
  'extension/1': { body: extensionBody, publishers: ['regulator'] },
  'audit-attestation/1': { body: auditAttestationBody, publishers: ['academic', 'regulator'] },
  'guidance/1': { body: guidanceBody, publishers: ['regulator'] },
  'information-request/1': { body: informationRequestBody, publishers: ['regulator'] },
  'reply/1': { body: replyBody, publishers: ['lab'] },
  'cure/1': { body: cureBody, publishers: ['lab'] },
  'advisory/1': { body: advisoryBody, publishers: ['lab', 'academic', 'regulator', 'verifier'] },
  'supersession/1': { body: supersessionBody, publishers: ['lab', 'academic'] },
  'disclosure/1': { body: disclosureBody, publishers: ['lab', 'academic', 'regulator', 'verifier'] },
} as const satisfies Record<string, KindDefinition>;

export type Kind = keyof typeof KINDS;
export type BodyOf<K extends Kind> = z.infer<(typeof KINDS)[K]['body']>;
export type MessageOf<K extends Kind> = Omit<Message, 'kind' | 'body'> & {
  readonly kind: K;
  readonly body: BodyOf<K>;
};

export function isKnownKind(kind: string): kind is Kind {
  return Object.hasOwn(KINDS, kind);
}

const CERTAIN = Object.fromEntries(
  Object.entries(KINDS).map(([kind, { body }]) => [kind, certain(body)]),
) as Readonly<Record<Kind, Certain>>;

/** spec 05-message §5.6 */
export function checkBody(kind: string, body: PlainObject): string | null {
  if (!isKnownKind(kind) || CERTAIN[kind](body)) return null;
  const parsed = KINDS[kind].body.safeParse(body);
  return parsed.success ? null : firstIssue(parsed.error.issues);
}

/** Narrows a message that `open` let through: its body has been checked against this kind. */
export function isKind<K extends Kind>(message: Message, kind: K): message is Message & MessageOf<K> {
  return message.kind === kind;
}
