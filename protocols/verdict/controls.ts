import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../base/bytes.ts';
import type { MessageId } from '../base/ids.ts';
import type { Sha256 } from '../codec/cid.ts';

/**
 * Seeds of the random controls of a finding, 64 hexadecimal digits each. spec 07-verdict §4
 * They follow from the finding's id, so no verifier can choose a control that suits it, and all run the same ones.
 */
export function controlSeeds(finding: MessageId, count: number, hash: Sha256 = sha256): string[] {
  return Array.from({ length: count }, (_, index) =>
    toHex(hash(utf8(`analog-oversight/control/1\n${finding}\n${index}`))),
  );
}
