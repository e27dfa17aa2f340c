import type { FederationId, MessageId } from '../../../../protocols/base/ids.ts';
import { isPlainObject } from '../../../../protocols/base/plain.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { type Charter, consentsNeeded, readProposal } from '../../../../protocols/charter/index.ts';
import { documentName } from '../../../../protocols/codec/cid.ts';
import { encode } from '../../../../protocols/codec/codec.ts';
import { pureEd25519 } from '../../../../protocols/identity/ed25519.ts';
import { checkBody, isKind } from '../../../../protocols/kinds/index.ts';
import { open } from '../../../../protocols/message/index.ts';
import type { ClaimedCharter } from './trusted-charters.ts';

type WireOf = (message: MessageId) => Promise<Uint8Array | null>;

/**
 * The version after one that is trusted: its proposal is a member's and gives this very document, and enough members of
 * the version before have signed that they want it. spec 06-charter §6.3, §6.5
 */
export async function readAmendment(
  federation: FederationId,
  previous: Charter,
  { document, proposal, consents }: ClaimedCharter,
  wireOf: WireOf,
): Promise<Result<{ readonly charter: Charter; readonly says: string }>> {
  const version = previous.document.version + 1;
  const proposed = await signedBy(federation, previous, proposal, 'charter-proposal/1', wireOf);
  if (!proposed.ok) return proposed;
  // spec 06-charter §6.3
  const charter = readProposal(previous, proposed.value.body);
  if (!charter.ok) return charter;
  if (!isPlainObject(document) || documentName(encode(document)) !== charter.value.id)
    return refuse('charter-wrong', `version ${version} is not the document that was proposed`);
  const names = new Set<string>();
  for (const id of consents.slice(0, previous.document.members.length)) {
    const consent = await signedBy(federation, previous, id, 'charter-consent/1', wireOf);
    if (!consent.ok) return consent;
    if (consent.value.body.version === version && consent.value.body.charter === charter.value.id)
      names.add(consent.value.author);
  }
  // spec 06-charter §6.5
  const needed = consentsNeeded(previous.document);
  const of = `${names.size} of the ${previous.document.members.length} members before it`;
  if (names.size < needed)
    return refuse('charter-unconsented', `version ${version} has consents of ${of}, and needs ${needed}`);
  const says = `version ${version}: proposed by ${proposed.value.author}, signed for by ${of} (${needed} needed)`;
  return accept({ charter: charter.value, says });
}

/** A message of this kind that a member of the version has signed, with the member's name. */
async function signedBy<K extends 'charter-proposal/1' | 'charter-consent/1'>(
  federation: FederationId,
  { members }: Charter,
  id: string | null,
  kind: K,
  wireOf: WireOf,
) {
  const wire = id === null ? null : await wireOf(id as MessageId);
  if (wire === null) return refuse('charter-unconsented', `the node does not have the ${kind} ${id}`);
  const opened = open(wire, { federation, ed25519: pureEd25519, checkBody });
  if (!opened.ok) return opened;
  const author = members.get(opened.value.author)?.name;
  if (author === undefined) return refuse('not-a-member', `${kind} by a stranger to the version before`);
  if (!isKind(opened.value, kind))
    return refuse('kind-wrong', `${opened.value.kind} in the place of ${kind}`);
  return accept({ author, body: opened.value.body });
}
