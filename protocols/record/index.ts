export { Feed, type FeedChange, type Stop } from './feeds.ts';
export { RecordFold } from './fold.ts';
export {
  type AnalogEntry,
  type Discount,
  type FederationRecord,
  type FindingEntry,
  type FrontierEntry,
  type MemberEntry,
  recordDigest,
  type VerdictEntry,
} from './record.ts';
export {
  DISCOUNT_SENTENCES,
  OUTCOME_SENTENCES,
  REASON_SENTENCES,
  STANDING_SENTENCES,
  sentenceOf,
} from './wording.ts';
