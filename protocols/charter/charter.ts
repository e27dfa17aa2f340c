import type { FederationId, MemberKey } from '../base/ids.ts';
import { isPlainObject } from '../base/plain.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { documentCid } from '../codec/cid.ts';
import { encode } from '../codec/codec.ts';
import { parseDidKey } from '../identity/did-key.ts';
import { isAcceptableSigningKey } from '../identity/strict.ts';
import { type CharterDocument, charterDocument, isKnownKind, KINDS, type Member } from '../kinds/index.ts';
import { firstIssue } from '../message/index.ts';

export type CharterRefusal = 'charter-not-plain' | 'charter-malformed' | 'charter-key-unacceptable';
export type AuthorityRefusal = 'not-a-member' | 'role-may-not';

/** A charter whose form and keys have been checked, with its id. */
export interface Charter {
  readonly id: FederationId;
  readonly document: CharterDocument;
  readonly members: ReadonlyMap<MemberKey, Member>;
}

/** Reads a genesis charter document. spec 06-charter §1 to §3 */
export function readCharter(value: unknown): Result<Charter, CharterRefusal> {
  if (!isPlainObject(value))
    return refuse('charter-not-plain', 'a charter holds only text, integers, lists and maps');
  const parsed = charterDocument.safeParse(value);
  if (!parsed.success) return refuse('charter-malformed', firstIssue(parsed.error.issues));
  // spec 06-charter §3: once a member, so that no message need repeat it
  for (const member of parsed.data.members) {
    const key = parseDidKey('ed25519', member.keys.signing);
    if (key === null || !isAcceptableSigningKey(key)) {
      return refuse(
        'charter-key-unacceptable',
        `the signing key of ${member.name} is not a strict Ed25519 key`,
      );
    }
  }
  return accept({
    id: documentCid(encode(value)).toString() as FederationId,
    document: parsed.data,
    members: new Map(parsed.data.members.map((member) => [member.keys.signing, member])),
  });
}

/** May this key say a message of this kind? Unknown kinds may be said by every member. spec 06-charter §4 */
export function authorize(
  charter: Charter,
  author: MemberKey,
  kind: string,
): Result<Member, AuthorityRefusal> {
  const member = charter.members.get(author);
  if (member === undefined) return refuse('not-a-member', `${author} is not in the charter`);
  if (!isKnownKind(kind)) return accept(member);
  const publishers: readonly string[] = KINDS[kind].publishers;
  if (!member.roles.some((role) => publishers.includes(role))) {
    return refuse('role-may-not', `${member.name} (${member.roles.join(', ')}) may not publish ${kind}`);
  }
  return accept(member);
}
