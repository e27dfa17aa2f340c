export { EventLog, type NewEvent, type StoredEvent } from './event-log.ts';
export { type AppendListener, type AppendResult, Ledger, type LedgerRow } from './ledger.ts';
