import type { FederationId, MemberKey, MessageId } from '../../../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { type Charter, readGenesis } from '../../../../protocols/charter/index.ts';
import { NOTE_KEY_TYPE, type NoteKey, witnessNoteKey } from '../../../../protocols/feed/index.ts';
import { parseDidKey } from '../../../../protocols/identity/did-key.ts';
import { readAmendment } from './read-amendment.ts';

/** The versions of a charter that hang together with the federation's id, the first one first. */
export type Charters = readonly [Charter, ...Charter[]];

export interface Witness {
  readonly name: string;
  readonly key: NoteKey;
}

/** A version as the node gives it, with the messages that brought it into force. */
export interface ClaimedCharter {
  readonly document: unknown;
  readonly proposal: string | null;
  readonly consents: readonly string[];
}

export interface TrustedCharters {
  /** Up to the last version that could be followed. */
  readonly charters: Charters;
  /** What of the versions after the first was looked at, for a person. */
  readonly checked: readonly string[];
  /** Why the next was not taken; null: all were. */
  readonly fault: string | null;
}

/**
 * The first version by its CID, which is the federation's id; each later one by its proposal and the consents of the
 * members of the one before (06-charter §6). Whether a consent is its author's first for that version, in a feed that has
 * not forked, takes the feeds: `oversight audit`.
 */
export async function readCharters(
  federation: FederationId,
  [first, ...later]: readonly ClaimedCharter[],
  wireOf: (message: MessageId) => Promise<Uint8Array | null>,
): Promise<Result<TrustedCharters>> {
  const genesis = readGenesis(first?.document);
  if (!genesis.ok) return genesis;
  if (genesis.value.id !== federation)
    return refuse('charter-not-first', `the first charter is that of ${genesis.value.id}`);
  const charters: [Charter, ...Charter[]] = [genesis.value];
  const checked: string[] = [];
  for (const claimed of later) {
    const next = await readAmendment(federation, charters.at(-1) ?? genesis.value, claimed, wireOf);
    if (!next.ok) return accept({ charters, checked, fault: `${next.reason}: ${next.detail}` });
    charters.push(next.value.charter);
    checked.push(next.value.says);
  }
  return accept({ charters, checked, fault: null });
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
