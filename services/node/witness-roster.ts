import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import { NOTE_KEY_TYPE, type NoteKey, witnessNoteKey } from '../../protocols/feed/index.ts';
import { parseDidKey } from '../../protocols/identity/did-key.ts';
import type { CharterDocument } from '../../protocols/kinds/index.ts';

/** One witness that a charter names. */
export interface RosterEntry {
  /** In the witness policy. */
  readonly name: string;
  readonly key: MemberKey;
  readonly noteKey: NoteKey;
  /** Of an outside witness; a member's is in its card. */
  readonly url: string | null;
}

/** Members with the role `witness`, then the outside witnesses. spec 14-witnesses §5.1 */
export function rosterOf(federation: FederationId, { members, policy }: CharterDocument): RosterEntry[] {
  return [
    ...members
      .filter(({ roles }) => roles.includes('witness'))
      .map(({ name, keys }) => ({
        name,
        key: keys.signing as MemberKey,
        noteKey: witnessNoteKey(federation, keys.signing as MemberKey),
        url: null,
      })),
    ...policy.witness.outside.map(({ name, key, keyName, url }) => ({
      name,
      key,
      noteKey: { name: keyName, type: NOTE_KEY_TYPE.cosignature, publicKey: publicKeyOf(key) },
      url,
    })),
  ];
}

function publicKeyOf(key: MemberKey): Uint8Array {
  const publicKey = parseDidKey('ed25519', key);
  if (publicKey === null) throw new TypeError(`${key} is no Ed25519 key`); // the charter's schema has looked
  return publicKey;
}
