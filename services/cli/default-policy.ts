import type { CharterPolicy, VerificationPolicy } from '../../protocols/kinds/index.ts';
import { DEFAULT_OVERSIGHT_POLICY } from '../../protocols/oversight/index.ts';

/** The usual 5 % error of one test, and two random controls, so that one lucky vector decides nothing. */
export const DEFAULT_VERIFICATION: VerificationPolicy = { quorum: 1, alphaPpm: 50_000, controls: 2 };

/** What a charter says where its authors say nothing: a simple majority amends it, no witnesses, room for busy nodes. */
export const DEFAULT_POLICY: CharterPolicy = {
  amendment: { consentPpm: 500_000 },
  verification: DEFAULT_VERIFICATION,
  witness: { outside: [], groups: [], quorum: null },
  // a witness that speaks four times a second, and a backlog sent at once
  quotas: { messagesPerHour: 36_000, burst: 20_000, bytesPerHour: 1_073_741_824 },
  oversight: DEFAULT_OVERSIGHT_POLICY,
};
