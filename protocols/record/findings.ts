import type { MessageId } from '../base/ids.ts';
import type { CharterHistory } from '../charter/index.ts';
import type { Sha256 } from '../codec/cid.ts';
import type { VerificationPolicy } from '../kinds/index.ts';
import {
  controlSeeds,
  type Decision,
  decide,
  policyFor,
  type Standing,
  standingOf,
} from '../verdict/index.ts';
import type { KeptOf, Place } from './kept.ts';
import { inOrder } from './order.ts';
import type { Discount, FindingEntry, VerdictEntry } from './record.ts';

type Finding = KeptOf<'finding/1'>;
type Verdict = KeptOf<'verdict/1'>;

export interface FindingContext {
  readonly history: CharterHistory;
  readonly memo: VerdictMemo;
  established(message: Place): number | null;
  /** The platform's sha2-256, where faster than the pure one. */
  readonly sha256: Sha256 | undefined;
}

/** Decisions already derived, by verdict: under one history a verdict and its finding never change. */
export class VerdictMemo {
  readonly #decisions = new Map<MessageId, Decision>();

  derive(verdict: Verdict, finding: Finding, policy: VerificationPolicy): Decision {
    const known = this.#decisions.get(verdict.id);
    if (known !== undefined) return known;
    const decision = decide(finding.body.claim, verdict.body, policy);
    this.#decisions.set(verdict.id, decision);
    return decision;
  }
}

/** One finding with what its verdicts add up to, by the policy that governs the finding. spec 08-record §5 */
export function foldFinding(
  finding: Finding,
  verdicts: readonly Verdict[],
  { history, memo, established, sha256 }: FindingContext,
): FindingEntry {
  const policy = policyFor(finding.body, policyOf(history, finding));
  const entries = inOrder(verdicts).map((verdict): VerdictEntry => {
    const decision = memo.derive(verdict, finding, policy);
    return {
      id: verdict.id,
      verifier: verdict.author,
      established: established(verdict),
      outcome: verdict.body.outcome,
      discount: discountOf(verdict, verdicts, finding, decision, history, sha256),
      reasons: (isDerivable(verdict) ? decision : verdict.body).reasons.map((reason) => reason.code),
      counts: verdict.body.counts,
      ...(verdict.body.estimates === undefined ? {} : { estimates: verdict.body.estimates }),
      evidence: verdict.body.evidence?.cid ?? null,
    };
  });
  const counted = new Set(entries.filter(({ discount }) => discount === null).map(({ id }) => id));
  const votes = verdicts
    .filter(({ id }) => counted.has(id))
    .map((verdict) => ({
      organisation: organisationOf(history, verdict) ?? verdict.author,
      outcome: verdict.body.outcome,
    }));
  const standing = standingOf(votes, policy.quorum);
  return {
    id: finding.id,
    author: finding.author,
    established: established(finding),
    title: finding.body.title,
    intervention: finding.body.intervention?.cid ?? null,
    suite: finding.body.suite.cid,
    source: finding.body.source?.checkpoint ?? null,
    target: finding.body.target.checkpoint,
    claim: finding.body.claim,
    standing,
    reasons: sharedReasons(entries, standing),
    verdicts: entries,
  };
}

export function policyOf(history: CharterHistory, { author, sequence }: Place): VerificationPolicy {
  const { document } = history.governing(author, sequence)?.charter ?? history.current;
  return document.policy.verification;
}

function organisationOf(history: CharterHistory, { author, sequence }: Place): string | undefined {
  return history.governing(author, sequence)?.member.organisation;
}

function discountOf(
  verdict: Verdict,
  all: readonly Verdict[],
  finding: Finding,
  decision: Decision,
  history: CharterHistory,
  sha256: Sha256 | undefined,
): Discount | null {
  // spec 08-record §5.1: a verifier's last word counts, by whichever of its keys
  if (all.some((other) => isLater(history, other, verdict))) return 'superseded';
  // spec 08-record §5.2
  if (organisationOf(history, verdict) === organisationOf(history, finding)) return 'own-organisation';
  // spec 08-record §5.3
  const seeds = controlSeeds(
    finding.id,
    policyFor(finding.body, policyOf(history, finding)).controls,
    sha256,
  );
  if (isDerivable(verdict) && seeds.some((seed) => !verdict.body.controlSeeds.includes(seed))) {
    return 'controls-not-drawn';
  }
  // spec 08-record §5.4: the stated outcome must follow from the stated counts
  if (isDerivable(verdict) && verdict.body.outcome !== decision.outcome) return 'outcome-not-derived';
  return null;
}

/** Whether `other` is a later word of the same member. */
function isLater(history: CharterHistory, other: Place, than: Place): boolean {
  if (other.author === than.author) return other.sequence > than.sequence;
  const name = history.of(than.author)?.name;
  if (name === undefined || history.of(other.author)?.name !== name) return false;
  const keys = history.keysOf(name);
  return keys.indexOf(other.author) > keys.indexOf(than.author);
}

/** `not-rerunnable` and `hardware-dependent` are the verifier's word; the other outcomes follow from counts. */
function isDerivable(verdict: Verdict): boolean {
  return verdict.body.outcome !== 'not-rerunnable' && verdict.body.outcome !== 'hardware-dependent';
}

function sharedReasons(entries: readonly VerdictEntry[], standing: Standing): string[] {
  const behind = entries.filter((entry) => entry.discount === null && entry.outcome === standing);
  const [first, ...others] = behind.map((entry) => new Set(entry.reasons));
  if (first === undefined) return [];
  return [...first].filter((code) => others.every((codes) => codes.has(code))).sort();
}
