import type { MemberKey } from '../base/ids.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { type CharterMember, isKnownKind, KINDS, type Role } from '../kinds/index.ts';
import type { Charter } from './charter.ts';

export type AuthorityRefusal = 'not-a-member' | 'role-may-not';

/** Unknown kinds may be said by every member. spec 06-charter §4 */
export function mayPublish(roles: readonly Role[], kind: string): boolean {
  if (!isKnownKind(kind)) return true;
  const publishers: readonly string[] = KINDS[kind].publishers;
  return roles.some((role) => publishers.includes(role));
}

/** May this key say a message of this kind under this version? spec 06-charter §4 */
export function authorize(
  charter: Charter,
  author: MemberKey,
  kind: string,
): Result<CharterMember, AuthorityRefusal> {
  const member = charter.members.get(author);
  if (member === undefined) return refuse('not-a-member', `${author} is not in the charter`);
  if (mayPublish(member.roles, kind)) return accept(member);
  return refuse('role-may-not', `${member.name} (${member.roles.join(', ')}) may not publish ${kind}`);
}
