import type { FederationId, MemberKey } from '../base/ids.ts';
import { isPlainObject } from '../base/plain.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { documentName } from '../codec/cid.ts';
import { encode } from '../codec/codec.ts';
import { parseDidKey } from '../identity/did-key.ts';
import { isAcceptableSigningKey } from '../identity/strict.ts';
import { type CharterDocument, type CharterMember, charterDocument } from '../kinds/index.ts';
import { firstIssue } from '../message/index.ts';
import { findInconsistency } from './consistency.ts';

export type CharterRefusal =
  | 'charter-not-plain'
  | 'charter-malformed'
  | 'charter-inconsistent'
  | 'charter-key-unacceptable'
  | 'charter-not-first';

/** One version of a federation's charter, its form and keys checked. */
export interface Charter {
  /** CID of the document; of the first version, the federation's id. */
  readonly id: FederationId;
  readonly document: CharterDocument;
  /** Current members, by signing key. */
  readonly members: ReadonlyMap<MemberKey, CharterMember>;
}

/** What saves work: the check of a key takes a millisecond. */
export interface ReadOptions {
  /** Members whose keys have been checked before, such as those of the version before. */
  readonly known?: ReadonlyMap<MemberKey, unknown>;
  /** 04-identity §4 of 32 bytes, where the answers are remembered. */
  readonly isAcceptableKey?: (key: Uint8Array) => boolean;
}

/** Reads one version of a charter. spec 06-charter §3 */
export function readCharter(
  value: unknown,
  { known, isAcceptableKey = isAcceptableSigningKey }: ReadOptions = {},
): Result<Charter, CharterRefusal> {
  // spec 06-charter §1.1
  if (!isPlainObject(value))
    return refuse('charter-not-plain', 'a charter holds only text, integers, lists and maps');
  // spec 06-charter §1.2 to §1.6, §2
  const parsed = charterDocument.safeParse(value);
  if (!parsed.success) return refuse('charter-malformed', firstIssue(parsed.error.issues));
  // spec 06-charter §3.1
  const fault = findInconsistency(parsed.data);
  if (fault !== null) return refuse('charter-inconsistent', fault);
  // spec 06-charter §3.2: once a member, so that no message need repeat it
  for (const { name, keys } of parsed.data.members) {
    if (known?.has(keys.signing)) continue;
    const key = parseDidKey('ed25519', keys.signing);
    if (key === null || !isAcceptableKey(key)) {
      return refuse('charter-key-unacceptable', `the signing key of ${name} is not a strict Ed25519 key`);
    }
  }
  return accept({
    id: documentName(encode(value)) as FederationId,
    document: parsed.data,
    members: new Map(parsed.data.members.map((member) => [member.keys.signing, member])),
  });
}

/** Reads the first version, whose CID is the federation's id. spec 06-charter §3.3 */
export function readGenesis(
  value: unknown,
  options: Omit<ReadOptions, 'known'> = {},
): Result<Charter, CharterRefusal> {
  const charter = readCharter(value, options);
  if (!charter.ok) return charter;
  const { version, previous, former, members } = charter.value.document;
  const isFirst = version === 0 && previous === null && former.length === 0;
  if (isFirst && members.every(({ since }) => since === 0)) return charter;
  return refuse('charter-not-first', 'this is a later version; the first one names the federation');
}
