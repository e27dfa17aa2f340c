import type { CharterDocument, CharterPolicy, Member } from '../kinds/index.ts';

/** The first version of a charter, not checked. @param nonce 32 hexadecimal digits, drawn at random */
export function foundingDocument(terms: {
  readonly name: string;
  readonly nonce: string;
  readonly members: readonly Member[];
  readonly policy: CharterPolicy;
}): CharterDocument {
  const { name, nonce, members, policy } = terms;
  return {
    v: 1,
    name,
    nonce,
    version: 0,
    previous: null,
    members: members.map((member) => ({ ...member, since: 0 })),
    former: [],
    policy,
  };
}
