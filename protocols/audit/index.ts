export { type AuditOptions, auditFederation } from './audit.ts';
export { type BundleOptions, readBundleSource } from './bundle-source.ts';
export type { AuditBounds } from './case.ts';
export { AUDIT_CODES, type AuditCode, CHECKS, type CheckName } from './codes.ts';
export type { ContentOptions } from './content.ts';
export {
  formatHeads,
  judgeAgainst,
  parseHeadsUnverified,
  type Remembered,
  type RememberedHeads,
} from './history.ts';
export type { AuditFinding, AuditReport, CheckState, CheckSummary } from './report.ts';
export {
  type Answer,
  type AuditSource,
  type ListedFeed,
  type ListedRecord,
  SOURCE_FAULTS,
  type SourceFault,
} from './source.ts';
export { type HeldWires, WiresSource } from './wires-source.ts';
export { CHECK_WORDS } from './words.ts';
