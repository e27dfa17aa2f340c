import type { FederationId, MemberKey } from '../../../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { type Charter, readCharter, readGenesis } from '../../../../protocols/charter/index.ts';
import { NOTE_KEY_TYPE, type NoteKey, witnessNoteKey } from '../../../../protocols/feed/index.ts';
import { parseDidKey } from '../../../../protocols/identity/did-key.ts';

/** The versions of a charter that hang together with the federation's id, the first one first. */
export type Charters = readonly [Charter, ...Charter[]];

export interface Witness {
  readonly name: string;
  readonly key: NoteKey;
}

/**
 * That the first version is the federation's, by its CID, and that each other names the one before. Who consented to
 * the others is not looked at: that takes the feeds (`oversight audit`).
 */
export function readCharters(federation: FederationId, documents: readonly unknown[]): Result<Charters> {
  const [first, ...rest] = documents;
  const genesis = readGenesis(first);
  if (!genesis.ok) return genesis;
  if (genesis.value.id !== federation)
    return refuse('charter-not-first', `the first charter is that of ${genesis.value.id}`);
  const charters: [Charter, ...Charter[]] = [genesis.value];
  for (const document of rest) {
    const next = readCharter(document);
    if (!next.ok) return next;
    if (next.value.document.previous !== charters.at(-1)?.id)
      return refuse('charter-malformed', 'a version does not follow the one before');
    charters.push(next.value);
  }
  return accept(charters);
}

/** Name of whoever signs with the key by the newest version that has it; null for a stranger. */
export function memberOf(charters: Charters, key: MemberKey): string | null {
  for (const { members } of charters.toReversed()) {
    const member = members.get(key);
    if (member !== undefined) return member.name;
  }
  return null;
}

/** Members with the role, then witnesses from outside. spec 14-witnesses §5.1 */
export function witnessesOf(federation: FederationId, { document }: Charter): Witness[] {
  const members = document.members
    .filter(({ roles }) => roles.includes('witness'))
    .map(({ name, keys }) => ({ name, key: witnessNoteKey(federation, keys.signing as MemberKey) }));
  const outside = document.policy.witness.outside.flatMap(({ name, key, keyName }) => {
    const publicKey = parseDidKey('ed25519', key as MemberKey);
    if (publicKey === null) return [];
    return [{ name, key: { name: keyName, type: NOTE_KEY_TYPE.cosignature, publicKey } }];
  });
  return [...members, ...outside];
}
