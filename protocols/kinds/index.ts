export * from './analog-release.ts';
export * from './charter.ts';
export * from './charter-consent.ts';
export * from './charter-proposal.ts';
export {
  CONDITIONS,
  type Condition,
  type ConditionCount,
  type ContentReference,
  conditionCount,
  contentId,
  contentReference,
  messageId,
} from './common.ts';
export type { CosignatureEntry, CosignaturesBody } from './cosignatures.ts';
export * from './finding.ts';
export type { ForkProofBody } from './fork-proof.ts';
export * from './frontier-release.ts';
export * from './member-card.ts';
export { type PinBody, pinBody } from './pin.ts';
export { PIN_FAULTS, type PinCheckBody, type PinCheckEntry, type PinFault } from './pin-check.ts';
export * from './registry.ts';
export * from './verdict.ts';
