import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import { type Charter, mayPublish } from '../../protocols/charter/index.ts';
import type { RecordFold } from '../../protocols/record/index.ts';

/** Who may speak, as the record has it now. */
export type Authority = Pick<RecordFold, 'admits' | 'charter' | 'history'>;

export function federationOf(authority: Authority): FederationId {
  return (authority.history().charters[0] as Charter).id;
}

/** Whether the version that governs this place of a feed lets its author say this kind. spec 06-charter §5.7 */
export function mayPublishAt(authority: Authority, key: MemberKey, sequence: number, kind: string): boolean {
  const governing = authority.history().governing(key, sequence);
  // a key that only a proposal names: judged when that comes into force
  return governing === null || mayPublish(governing.member.roles, kind);
}
