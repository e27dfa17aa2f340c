export { EventLog, type NewEvent, type RowEvents, type StoredEvent } from './event-log.ts';
export type { FeedState } from './feed-table.ts';
export { KnownCosignatures } from './known-cosignatures.ts';
export {
  type AppendedRow,
  type AppendListener,
  type AppendResult,
  Ledger,
  type LedgerRow,
} from './ledger.ts';
export { LedgerReader, type StoredFeed } from './ledger-reader.ts';
export { ProcessLock } from './process-lock.ts';
export { endOfFiles } from './storage-fault.ts';
export { type DeadRow, SubscriptionFile, type SubscriptionRow } from './subscription-file.ts';
export { type CosignedRow, WitnessFile } from './witness-file.ts';
