import type { VerificationPolicy } from '../../protocols/kinds/index.ts';

/** The usual 5 % error of one test, and two random controls, so that one lucky vector decides nothing. */
export const DEFAULT_VERIFICATION: VerificationPolicy = { quorum: 1, alphaPpm: 50_000, controls: 2 };
