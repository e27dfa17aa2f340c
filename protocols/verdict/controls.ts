import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../base/bytes.ts';
import type { MessageId } from '../base/ids.ts';
import type { Sha256 } from '../codec/cid.ts';
import type { VerificationPolicy } from '../kinds/index.ts';

/**
 * Seeds of the random controls of a finding, 64 hexadecimal digits each. spec 07-verdict §4
 * They follow from the finding's id, so no verifier can choose a control that suits it, and all run the same ones.
 */
export function controlSeeds(finding: MessageId, count: number, hash: Sha256 = sha256): string[] {
  return Array.from({ length: count }, (_, index) =>
    toHex(hash(utf8(`analog-oversight/control/1\n${finding}\n${index}`))),
  );
}

/**
 * Seed of the resampling of one measure: like the controls, nobody can choose one that suits them. spec 07-verdict §9.1
 * @param finding its id, or what stands for it before it is published
 */
export function resampleSeed(finding: string, measure: string, hash: Sha256 = sha256): Uint8Array {
  return hash(utf8(`analog-oversight/resample/1\n${finding}\n${measure}`));
}

/** The policy as it applies to a finding: where nothing is changed, no random change has to be beaten. spec 07-verdict §8.2 */
export function policyFor(
  { intervention }: { readonly intervention: unknown },
  policy: VerificationPolicy,
): VerificationPolicy {
  return intervention === null ? { ...policy, controls: 0 } : policy;
}
