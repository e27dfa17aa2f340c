import { compareText } from '../base/bytes.ts';
import type { Outcome } from '../kinds/index.ts';

/** A finding's state in the record. spec 07-verdict §5 */
export type Standing = 'open' | 'confirmed' | 'refuted' | 'disputed';

export interface Vote {
  readonly organisation: string;
  readonly outcome: Outcome;
}

/** spec 07-verdict §5: one vote an organisation; an organisation whose verifiers disagree has none. */
export function standingOf(votes: readonly Vote[], quorum: number): Standing {
  const byOrganisation = new Map<string, Set<Outcome>>();
  for (const vote of [...votes].sort((a, b) => compareText(a.organisation, b.organisation))) {
    const outcomes = byOrganisation.get(vote.organisation) ?? new Set();
    byOrganisation.set(vote.organisation, outcomes.add(vote.outcome));
  }
  const agreed = [...byOrganisation.values()].filter((outcomes) => outcomes.size === 1);
  const confirmed = agreed.filter((outcomes) => outcomes.has('confirmed')).length;
  const refuted = agreed.filter((outcomes) => outcomes.has('refuted')).length;
  if (confirmed >= quorum && refuted >= quorum) return 'disputed';
  if (confirmed >= quorum) return 'confirmed';
  return refuted >= quorum ? 'refuted' : 'open';
}
