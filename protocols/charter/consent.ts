import type { CharterDocument } from '../kinds/index.ts';

/** How many members of this version must consent to the next: more than the share, never more than all. spec 06-charter §6.5 */
export function consentsNeeded({ members, policy }: Pick<CharterDocument, 'members' | 'policy'>): number {
  const share = Math.floor((members.length * policy.amendment.consentPpm) / 1_000_000);
  return Math.min(members.length, share + 1);
}
