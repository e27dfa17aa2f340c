import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../base/bytes.ts';
import type { MessageId } from '../base/ids.ts';
import type { Sha256 } from '../codec/cid.ts';
import type { FindingBody, VerificationPolicy } from '../kinds/index.ts';

/**
 * Seeds of the random controls of a finding, 64 hexadecimal digits each. spec 07-verdict §4
 * They follow from the finding's id, so no verifier can choose a control that suits it, and all run the same ones.
 */
export function controlSeeds(finding: MessageId, count: number, hash: Sha256 = sha256): string[] {
  return Array.from({ length: count }, (_, index) =>
    toHex(hash(utf8(`analog-oversight/control/1\n${finding}\n${index}`))),
  );
}

/** The policy as it applies to a finding: where nothing is changed, no random change has to be beaten. spec 07-verdict §8.2 */
export function policyFor(
  { intervention }: Pick<FindingBody, 'intervention'>,
  policy: VerificationPolicy,
): VerificationPolicy {
  return intervention === null ? { ...policy, controls: 0 } : policy;
}
