export { DeferredMessage } from './deferred.ts';
export { firstIssue } from './issue.ts';
export { KIND_PATTERN, type Message, SIGNATURE_DOMAIN, SignedBytes } from './message.ts';
export {
  type BodyCheck,
  faultOfPayload,
  OPEN_REFUSALS,
  type OpenContext,
  type OpenRefusal,
  open,
  openVouched,
  readStored,
} from './open.ts';
export { type Draft, encodePayload, type Signer, seal, signPayload } from './seal.ts';
