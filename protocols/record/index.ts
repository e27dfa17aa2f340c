export { type BodyCheckContext, bodyCheckOf } from './body-check.ts';
export { type CharterInForce, CharterTally, type PendingProposal } from './charter-tally.ts';
export { type Copies, type Copy, copiesOf } from './copies.ts';
export type { Judgement } from './finding-index.ts';
export { type RecordChange, RecordFold } from './fold.ts';
export { type ForkEvidence, type HeldChange, HeldFeed, type Stop } from './held-feed.ts';
export type { Counted, FoldStore, Place } from './kept.ts';
export { doesCount, type MessageStatus, type VoidReason } from './message-status.ts';
export {
  type AnalogEntry,
  type Discount,
  type FederationRecord,
  type FeedEntry,
  type FindingEntry,
  type ForkEntry,
  type FormerKeyEntry,
  type FormerMemberEntry,
  type FrontierEntry,
  type MemberEntry,
  type NamedRecord,
  namedRecord,
  type OpenedField,
  type OversightRecord,
  type PinCheckRecord,
  type PinEntry,
  recordDigest,
  type StatementEntry,
  type VerdictEntry,
  type WithheldEntry,
} from './record.ts';
export { STATEMENT_KINDS, type StatementKind } from './statements.ts';
export {
  DISCOUNT_SENTENCES,
  OUTCOME_SENTENCES,
  REASON_SENTENCES,
  STANDING_SENTENCES,
  sentenceOf,
} from './wording.ts';
