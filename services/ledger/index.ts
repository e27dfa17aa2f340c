export { EventLog, type NewEvent, type RowEvents, type StoredEvent } from './event-log.ts';
export { type AppendListener, type AppendResult, Ledger, type LedgerRow } from './ledger.ts';
export { ProcessLock } from './process-lock.ts';
