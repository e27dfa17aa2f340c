import type { Ed25519 } from '../../../protocols/identity/ed25519.ts';
import type { Operations } from './operation.ts';
import { artifactOperations } from './reference-artifacts.ts';
import { DISCLOSURE_OPERATIONS } from './reference-disclosure.ts';
import { feedOperations } from './reference-feeds.ts';
import { messageOperations } from './reference-messages.ts';
import { nameOperations } from './reference-names.ts';
import { oversightOperations } from './reference-oversight.ts';
import { PIN_OPERATIONS } from './reference-pins.ts';
import { releaseOperations } from './reference-releases.ts';
import { VERDICT_OPERATIONS } from './reference-verdicts.ts';
import { witnessOperations } from './reference-witness.ts';

/** This implementation, as a program under test. */
export function referenceOperations(ed25519: Ed25519): Operations {
  return {
    ...nameOperations(ed25519),
    ...messageOperations(ed25519),
    ...VERDICT_OPERATIONS,
    ...feedOperations(ed25519),
    ...witnessOperations(ed25519),
    ...artifactOperations(),
    ...releaseOperations(),
    ...PIN_OPERATIONS,
    ...oversightOperations(ed25519),
    ...DISCLOSURE_OPERATIONS,
  };
}
