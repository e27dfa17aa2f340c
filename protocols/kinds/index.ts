export * from './advisory.ts';
export * from './analog-release.ts';
export * from './audit-attestation.ts';
export * from './charter.ts';
export * from './charter-consent.ts';
export * from './charter-proposal.ts';
export * from './clauses.ts';
export {
  CONDITIONS,
  type Condition,
  type ConditionCount,
  type ContentReference,
  conditionCount,
  contentId,
  contentReference,
  type Magnitude,
  memberKeyText,
  messageId,
} from './common.ts';
export * from './compliance-report.ts';
export type { CosignatureEntry, CosignaturesBody } from './cosignatures.ts';
export * from './cure.ts';
export * from './determination.ts';
export * from './disclosure.ts';
export { type Difference, difference, type Estimate, estimate } from './estimate.ts';
export * from './extension.ts';
export * from './finding.ts';
export type { ForkProofBody } from './fork-proof.ts';
export * from './frontier-release.ts';
export * from './guidance.ts';
export * from './information-request.ts';
export * from './inspection.ts';
export * from './member-card.ts';
export * from './notice-of-non-compliance.ts';
export * from './oversight-policy.ts';
export * from './penalty.ts';
export { type PinBody, pinBody } from './pin.ts';
export { PIN_FAULTS, type PinCheckBody, type PinCheckEntry, type PinFault } from './pin-check.ts';
export * from './registry.ts';
export * from './reply.ts';
export * from './security-evaluation.ts';
export * from './supersession.ts';
export * from './verdict.ts';
export * from './withdrawal.ts';
export * from './withheld.ts';
