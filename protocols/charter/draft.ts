import type { FederationId, MemberKey } from '../base/ids.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { documentName } from '../codec/cid.ts';
import { encode } from '../codec/codec.ts';
import type { CharterChange, CharterProposalBody, FormerReason, Member } from '../kinds/index.ts';
import { applyChanges, type ProposalRefusal, readProposal } from './changes.ts';
import type { Charter } from './charter.ts';

export interface Drafted {
  readonly body: CharterProposalBody;
  /** What would be in force. */
  readonly charter: Charter;
}

/** How much of a key's feed counts once it is gone. */
export interface Leaving {
  readonly reason: FormerReason;
  /** Highest sequence that counts; null: none. */
  readonly last: number | null;
  /** Beside the reason `compromised` alone; milliseconds since 1970. */
  readonly compromisedAt?: number;
}

/**
 * The proposal that makes these changes, each feed governed by it from where it ends now. spec 06-charter §6
 * @param lengthOf messages that the proposer holds of a feed
 */
export function draftProposal(
  current: Charter,
  changes: readonly CharterChange[],
  { reason, lengthOf }: { readonly reason: string; readonly lengthOf: (key: MemberKey) => number },
): Result<Drafted, ProposalRefusal> {
  const unsettled = applyChanges(current, { changes: [...changes], since: [] });
  const since = (unsettled['members'] as readonly Member[]).map(({ keys }) => {
    const known = current.members.get(keys.signing);
    return known === undefined ? 0 : Math.max(known.since, lengthOf(keys.signing));
  });
  const document = applyChanges(current, { changes: [...changes], since });
  const body: CharterProposalBody = {
    version: current.document.version + 1,
    previous: current.id,
    charter: documentName(encode(document)) as FederationId,
    changes: [...changes],
    since,
    reason,
  };
  const charter = readProposal(current, body);
  return charter.ok ? accept({ body, charter: charter.value }) : charter;
}

/** Takes a member out. */
export function removal(
  current: Charter,
  name: string,
  leaving: Leaving,
): Result<CharterChange[], 'member-unknown'> {
  const former = formerOf(current, name, leaving);
  if (former === null) return refuse('member-unknown', `${name} is no member`);
  return accept([{ change: 'remove-member', name }, former]);
}

/** Gives a member its new keys. */
export function rotation(
  current: Charter,
  member: Member,
  leaving: Leaving,
): Result<CharterChange[], 'member-unknown'> {
  const former = formerOf(current, member.name, leaving);
  if (former === null) return refuse('member-unknown', `${member.name} is no member`);
  return accept([{ change: 'member', member }, former]);
}

function formerOf({ document }: Charter, name: string, leaving: Leaving): CharterChange | null {
  const member = document.members.find((each) => each.name === name);
  if (member === undefined) return null;
  const { organisation, keys } = member;
  return { change: 'former', former: { name, organisation, key: keys.signing, ...leaving } };
}
