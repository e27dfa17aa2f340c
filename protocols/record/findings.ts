import type { MessageId } from '../base/ids.ts';
import type { Charter } from '../charter/index.ts';
import type { MessageOf } from '../kinds/index.ts';
import {
  controlSeeds,
  type Decision,
  decide,
  type ReasonCode,
  type Standing,
  standingOf,
} from '../verdict/index.ts';
import type { Discount, FindingEntry, VerdictEntry } from './record.ts';

export interface FindingContext {
  readonly charter: Charter;
  readonly memo: VerdictMemo;
}

/** Decisions already derived, by verdict: a verdict and its finding never change. */
export class VerdictMemo {
  readonly #decisions = new Map<MessageId, Decision>();

  derive(verdict: MessageOf<'verdict/1'>, finding: MessageOf<'finding/1'>, charter: Charter): Decision {
    const known = this.#decisions.get(verdict.id);
    if (known !== undefined) return known;
    const decision = decide(finding.body.claim, verdict.body, charter.document.policy.verification);
    this.#decisions.set(verdict.id, decision);
    return decision;
  }
}

/** One finding with what its verdicts add up to. spec 08-record §5 */
export function foldFinding(
  finding: MessageOf<'finding/1'>,
  verdicts: readonly MessageOf<'verdict/1'>[],
  { charter, memo }: FindingContext,
): FindingEntry {
  const entries = verdicts.map((verdict): VerdictEntry => {
    const decision = memo.derive(verdict, finding, charter);
    return {
      id: verdict.id,
      verifier: verdict.author,
      outcome: verdict.body.outcome,
      discount: discountOf(verdict, verdicts, finding, decision, charter),
      reasons: (isDerivable(verdict) ? decision : verdict.body).reasons.map((reason) => reason.code),
      counts: verdict.body.counts,
      evidence: verdict.body.evidence?.cid ?? null,
    };
  });
  const votes = entries
    .filter((entry) => entry.discount === null)
    .map((entry) => ({
      organisation: charter.members.get(entry.verifier)?.organisation ?? entry.verifier,
      outcome: entry.outcome,
    }));
  const standing = standingOf(votes, charter.document.policy.verification.quorum);
  return {
    id: finding.id,
    author: finding.author,
    title: finding.body.title,
    intervention: finding.body.intervention.cid,
    suite: finding.body.suite.cid,
    source: finding.body.source?.checkpoint ?? null,
    target: finding.body.target.checkpoint,
    claim: finding.body.claim,
    standing,
    reasons: sharedReasons(entries, standing),
    verdicts: entries,
  };
}

function discountOf(
  verdict: MessageOf<'verdict/1'>,
  all: readonly MessageOf<'verdict/1'>[],
  finding: MessageOf<'finding/1'>,
  decision: Decision,
  charter: Charter,
): Discount | null {
  // spec 08-record §5.1: a verifier's last word counts
  const later = all.some((other) => other.author === verdict.author && other.sequence > verdict.sequence);
  if (later) return 'superseded';
  // spec 08-record §5.2
  const organisation = charter.members.get(verdict.author)?.organisation;
  if (organisation === charter.members.get(finding.author)?.organisation) return 'own-organisation';
  // spec 08-record §5.3
  const seeds = controlSeeds(finding.id, charter.document.policy.verification.controls);
  if (isDerivable(verdict) && seeds.some((seed) => !verdict.body.controlSeeds.includes(seed))) {
    return 'controls-not-drawn';
  }
  // spec 08-record §5.4: the stated outcome must follow from the stated counts
  if (isDerivable(verdict) && verdict.body.outcome !== decision.outcome) return 'outcome-not-derived';
  return null;
}

/** `not-rerunnable` and `hardware-dependent` are the verifier's word; the other outcomes follow from counts. */
function isDerivable(verdict: MessageOf<'verdict/1'>): boolean {
  return verdict.body.outcome !== 'not-rerunnable' && verdict.body.outcome !== 'hardware-dependent';
}

function sharedReasons(entries: readonly VerdictEntry[], standing: Standing): string[] {
  const behind = entries.filter((entry) => entry.discount === null && entry.outcome === standing);
  const [first, ...others] = behind.map((entry) => new Set(entry.reasons));
  if (first === undefined) return [];
  return [...first].filter((code) => others.every((codes) => codes.has(code))).sort();
}
